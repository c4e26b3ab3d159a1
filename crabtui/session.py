"""What the console remembers from one start to the next: never marks, never rights."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from engine.control.place import state_dir
from engine.control.remote import Remote
from engine.model.sorts import SORTS

VERSION: Final = 1


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last look, to come back to."""

    version: int = VERSION
    view: str = "jobs"
    where: str = ""
    sort: str = "activity"
    descending: bool = False
    preview: str = "auto"
    utc: bool = False
    history: tuple[str, ...] = ()
    """Filters that were used, the newest last."""


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
    if found.version != VERSION:
        return Session()
    return found if found.sort in SORTS else msgspec.structs.replace(found, sort="activity")


def save(path: Path, session: Session) -> None:
    """Replace the file in one step; a folder that cannot be written loses only this.

    Raises:
        OSError: the folder or disk does not take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(session))
    draft.replace(path)
