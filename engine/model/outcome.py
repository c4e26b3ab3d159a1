"""How an attempt ended."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from engine.errors import Category


class Verdict(StrEnum):
    """The end of an attempt, in one word."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"  # an exit code other than 0, or a signal that nobody here sent
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    UNSPAWNED = "unspawned"  # the command could not be started at all
    VOID = "void"  # it was made sure that it never starts
    LOST = "lost"  # its end is unknown and can no longer be known


class Trouble(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, for people and for retry rules."""

    category: Category
    code: str
    """A short constant word: `exit`, `signal`, `not_found`, `lost` …"""
    message: str
    details: dict[str, object] = {}
    retryable: bool = False
    retry_after_ms: int | None = None
    fp: str = ""
    """Its fingerprint: failures that are alike have the same; empty: it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of an attempt with its evidence."""

    verdict: Verdict
    exit_code: int | None = None
    """As the process gave it; None if it was killed or never ran."""
    signal: int | None = None
    """The signal that ended it; None if it exited."""
    trouble: Trouble | None = None
    """None exactly when it succeeded."""
