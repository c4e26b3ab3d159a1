"""Options of a stage against what it describes."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, get_args

from engine.errors import InvalidSpec
from engine.model.words import nearest

log = logging.getLogger(__name__)

Mode = Literal["off", "warn", "error"]

MODES: Final = get_args(Mode)

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int,),
    "float": (int, float),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "array": (list, tuple),
    "list": (list, tuple),
    "object": (dict,),
    "map": (dict,),
    "null": (type(None),),
}


class StageProblem(InvalidSpec):
    """A stage's options are not as it describes them; `details` has all that is wrong."""


def check_options(
    described: Mapping[str, Any], opts: Mapping[str, Any], mode: str = "error"
) -> list[str]:
    """What is wrong with the options.

    Args:
        described: As `Stage.describe` returns it.
        opts: As they are given.
        mode: `off`: nothing is looked at; `warn`: what is wrong is logged; `error`: raised.

    Raises:
        StageProblem: in mode `error`, if something is wrong.
        ValueError: there is no such mode.
    """
    if mode not in MODES:
        raise ValueError(f"option checking {mode!r}: there is {', '.join(MODES)}")
    if mode == "off":
        return []
    found = list(problems(described, opts))
    name = str(described.get("name") or "stage")
    if found and mode == "error":
        raise StageProblem(
            f"{name}: {'; '.join(found)}", field="stage_opts", details={"problems": found}
        )
    for problem in found:
        log.warning("%s: %s", name, problem)
    return found


def problems(described: Mapping[str, Any], opts: Mapping[str, Any]) -> Iterator[str]:
    """Missing, unknown and mistyped options, a sentence each."""
    required = [str(name) for name in described.get("required") or ()]
    optional = [str(name) for name in described.get("optional") or ()]
    types = described.get("types") or {}
    known = [*required, *optional, *(name for name in types if name not in required)]
    for name in required:
        if name not in opts:
            yield f"option {name!r} is missing"
    for name, value in opts.items():
        if known and name not in known:
            near = nearest(name, known)
            there = f"did you mean {near!r}?" if near else f"there is {', '.join(known)}"
            yield f"unknown option {name!r}: {there}"
        elif name in types and not _fits(types[name], value):
            yield f"option {name!r} must be {_words(types[name])}, not {value!r:.60}"


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, list | tuple):
        return any(_fits(one, value) for one in wanted)
    kinds = _TYPES.get(str(wanted))
    if kinds is None:
        return True
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _words(wanted: Any) -> str:
    return " or ".join(map(str, wanted)) if isinstance(wanted, list | tuple) else str(wanted)
