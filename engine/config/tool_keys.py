"""The keys of `[tools]`."""

import re
from collections.abc import Callable
from typing import Any, Final

from engine.config.kinds import OWN_PATH, PYTHON, Kind, optional, quoted, whole
from engine.model.intake.scalars import items, line
from engine.model.intake.wrong import Wrong, shown

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def _module(value: Any) -> str:
    name = line(value, 200)
    if not _MODULE.fullmatch(name):
        near = name.removesuffix(".py").replace("/", ".")
        raise Wrong(f"{shown(name)} is no module: write it as in import, my.tools", near=near)
    return name


def _variable(value: Any) -> str:
    name = line(value, 200)
    if not _VARIABLE.fullmatch(name):
        raise Wrong(f"{shown(name)} cannot name a variable")
    return name


def _many(read: Callable[[Any], str], what: str) -> Kind:
    def read_all(value: Any) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for place, one in enumerate(items(value, what, 100)):
            try:
                found[read(one)] = None
            except Wrong as wrong:
                raise wrong.under(f"[{place}]") from None
        return tuple(found)

    return Kind(read_all, lambda names: f"[{', '.join(map(quoted, names))}]")


_AT_ONCE: Final = optional(whole(1, 10_000))

ROWS: Final = [
    ("modules", _many(_module, "modules"), (), "Whose tools can be called."),
    (
        "path",
        _many(OWN_PATH.read, "folders"),
        (),
        "Folders that are searched first.",
    ),
    ("python", PYTHON, "auto", "An interpreter that has this package; auto: the daemon's."),
    ("env", _many(_variable, "variables"), (), "What tools see of the daemon's environment."),
    ("io", _AT_ONCE, None, "Calls of kind io at once; none: 4 to 8 for each core."),
    ("cpu", _AT_ONCE, None, "Calls of kind cpu at once; none: 1 for each core."),
    ("mixed", _AT_ONCE, None, "Calls of kind mixed at once; none: 2 to 3 for each core."),
    ("memory", _AT_ONCE, None, "Calls of kind memory at once; none: 0.5 to 1 for each core."),
    ("async", _AT_ONCE, None, "Calls of kind async at once; none: 64 to 256 for each core."),
]
"""Name, kind, default and meaning of each key."""
