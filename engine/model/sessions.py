"""Names of tmux sessions: one for each repository, piece of work and role, never shared."""

import hashlib
import re
from enum import StrEnum
from typing import Final

import msgspec

from engine.errors import InvalidSpec
from engine.model.words import nearest

PREFIX: Final = "aivcs"
LONGEST: Final = 100
"""Characters of a repository's or a work's name."""

_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_PLAIN = re.compile(r"[a-z0-9-]+(_[a-z0-9-]+)*")
_MARKED = re.compile(r".*-h[0-9a-f]{12}")
_HASH_DIGITS = 12


class Role(StrEnum):
    """Whose session it is, and so what ends it."""

    AGENT = "agent"  # stays when its job ends
    RUNNER = "runner"  # ends with its job
    HUMAN = "human"  # nobody else touches it


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The session in which a person can watch a job."""

    repo: str
    work: str = ""
    """Empty: the name of the job and its number."""
    role: Role = Role.RUNNER


def session_of(session: Session, job: int, index: int | None = None) -> str:
    """The name of a job's session: of its own, unless it was given a work.

    Args:
        session: What was asked for.
        job: Its id.
        index: Its place in its array, if it is a member of one.
    """
    work = session.work or f"job-{job}"
    if session.work and index is not None:
        work = f"{work[: LONGEST - 12]} {index}"
    return session_name(session.repo, work, session.role)


def read_role(text: str) -> Role:
    """A role as people write it. Raises: InvalidSpec: there is no such role."""
    try:
        return Role(text.lower())
    except ValueError:
        raise InvalidSpec(
            f"role {text!r}: agent, runner or human",
            field="role",
            nearest=nearest(text.lower(), [role.value for role in Role]),
        ) from None


def session_name(repo: str, work: str, role: Role, prefix: str = PREFIX) -> str:
    """`prefix__repo__work__role`, of a-z, 0-9, `_` and `-` alone, under 250 characters.

    What had to be changed to get there is followed by a hash of what it was, and so is what
    looks as if it were: other names make other sessions.

    Raises:
        InvalidSpec: empty, too long, or with `..` or `/` in it.
    """
    if _PREFIX.fullmatch(prefix) is None:
        raise InvalidSpec(f"prefix {prefix!r}: a-z, 0-9 and -, 30 at most", field="prefix")
    return "__".join((prefix, _part("repo", repo), _part("work", work), role.value))


def role_of(name: str, prefix: str = PREFIX) -> Role | None:
    """The role of a session by its name; None: it is none of ours."""
    parts = name.split("__")
    if len(parts) != 4 or parts[0] != prefix or not all(map(_PLAIN.fullmatch, parts)):
        return None
    return Role(parts[3]) if parts[3] in Role.__members__.values() else None


def _part(field: str, text: str) -> str:
    if not 1 <= len(text) <= LONGEST:
        raise InvalidSpec(f"{field} has {len(text)} characters: 1 to {LONGEST}", field=field)
    if ".." in text or "/" in text:
        raise InvalidSpec(f"{field} {text!r}: no `..` and no `/`", field=field)
    if _PLAIN.fullmatch(text) and not _MARKED.fullmatch(text):
        return text
    clean = re.sub(r"_+", "_", re.sub(r"[^a-z0-9_-]", "-", text.lower())).strip("_")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{clean[: LONGEST - _HASH_DIGITS - 2]}-h{digest[:_HASH_DIGITS]}"
