"""Kinds of backends by name: our own, and those that installed packages announce."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.config.kinds import Kind, quoted, read_name
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word
from engine.model.words import nearest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "crabtui.backends"
"""Entry points of other packages that name a kind of backend each."""

LOCAL: Final = "local"
SSH: Final = "ssh"
OWN: Final = (LOCAL, SSH)
"""Backends that are always there: this machine, and hosts that are reached over SSH."""

POOL: Final = "pool"
"""Runs calls of tools and stages on this machine. `[tools]` makes a worker of it."""

MOCK: Final = "mock"
"""Runs nothing. Taken where it is written, never proposed."""

MOST_BYTES: Final = 65_536


def announced() -> "dict[str, EntryPoint]":
    """What installed packages announce, by name; nothing of theirs is loaded.

    A name of ours stays ours, whoever announces it too.
    """
    from importlib.metadata import entry_points  # slow to load, and seldom needed

    found = entry_points(group=GROUP)
    return {one.name: one for one in found if one.name not in (*OWN, POOL, MOCK)}


def _read_backend(value: Any) -> str:
    """A backend's name. Raises: Wrong, for what was probably meant to be another.

    A package may be gone for a while: that is the trouble of the workers that need it, told
    as `NO_BACKEND`, and no reason for a daemon not to start.
    """
    if type(value) is not str:
        raise wrong_type(value, "a backend")
    if value.lower() in (*OWN, POOL, MOCK):
        return value.lower()
    if value not in (names := announced()) and nearest(value, known := [*OWN, *names]):
        raise wrong_word("backend", value, known)
    return read_name(value)


def _read_options(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a table")
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise Wrong("takes texts, numbers, true, false, lists and tables of them") from None
    if len(text) > MOST_BYTES:
        raise Wrong(f"is larger than {MOST_BYTES} bytes")
    options: dict[str, Any] = json.loads(text)
    return options


def _inline(value: Any) -> str:
    """A JSON value as TOML has it on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(key)} = {_inline(v)}' for key, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


BACKEND: Final = Kind(_read_backend, quoted)
"""How a worker is reached."""

OPTIONS: Final = Kind(_read_options, _inline)
"""What a kind of backend that is not ours is told; its own schema checks it."""
