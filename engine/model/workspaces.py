"""Worktrees of git repositories in which attempts run, each in one of its own."""

import re
from enum import StrEnum
from typing import Final

import msgspec

CLONE_BASE: Final = "~/engineering/code/clone-base"
"""Where a host has its clones, unless somebody says otherwise; `~` is the account's home."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_commit(revision: str) -> bool:
    """Whether a revision is a commit in full, which never means anything else."""
    return _COMMIT.fullmatch(revision) is not None


class Keep(StrEnum):
    """What becomes of a worktree when its attempt has ended."""

    NEVER = "never"  # it is removed
    FAILED = "failed"  # it stays if the attempt did not succeed
    ALWAYS = "always"


class Workspace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A repository at a revision."""

    repo: str
    """A path on the host, an address, or the name of a folder below `base`."""
    revision: str = ""
    """A branch, a tag or a commit; empty: where the repository's HEAD is."""
    base: str | None = None
    """Where the host has its clones; None: as the worker's configuration says."""
    keep: Keep = Keep.NEVER

    @property
    def text(self) -> str:
        """On one line, as people write it."""
        return f"{self.repo}@{self.revision}" if self.revision else self.repo
