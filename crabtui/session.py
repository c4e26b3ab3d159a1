"""What the console remembers from one start to the next: never marks, never rights."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from engine.control.place import state_dir
from engine.control.remote import Remote

VERSION: Final = 2
KEPT: Final = 50
"""Lines of each history."""


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last look, to come back to."""

    version: int = VERSION
    view: str = ""
    """The view in front; empty: none yet."""
    views: dict[str, dict[str, Any]] = {}
    """What each view keeps of itself, by its name: filter, sort, columns, panes."""
    utc: bool = False
    theme: str = ""
    options: dict[str, str] = {}
    """Other things that were set, by name."""
    filters: tuple[str, ...] = ()
    """Filters that were used, the newest last."""
    lines: tuple[str, ...] = ()
    """Lines of the command bar, the newest last."""


def session_path(state_dir: Path) -> Path:
    """Where the session of the console of this state directory is kept."""
    return state_dir / "console" / "session.json"


def session_of(remote: Remote) -> Path:
    """Where the session of the console of another machine's daemon is kept, on this one."""
    name = quote(f"{remote} {remote.state or ''}".strip(), safe="@:")
    return state_dir() / "console" / f"session-{name}.json"


def load(path: Path) -> Session:
    """The session in the file; a fresh one if there is none, or none that we can read."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Session)
    except (OSError, msgspec.DecodeError):
        return Session()
    return found if found.version == VERSION else Session()


def save(path: Path, session: Session) -> None:
    """Replace the file in one step, keeping the lines that another console added to it.

    Raises:
        OSError: the folder or disk does not take it; the file is as it was.
    """
    before = load(path)
    session = msgspec.structs.replace(
        session,
        filters=merged(before.filters, session.filters),
        lines=merged(before.lines, session.lines),
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(session))
    draft.replace(path)


def merged(theirs: Iterable[str], ours: Iterable[str]) -> tuple[str, ...]:
    """Both histories as one, each line once, ours the newest."""
    mine = tuple(dict.fromkeys(ours))
    others = [line for line in dict.fromkeys(theirs) if line not in mine]
    return (*others, *mine)[-KEPT:]
