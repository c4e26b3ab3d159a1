"""From what people wrote to checked values, each with its place; nothing is half read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

from engine.config.kinds import quoted, read_name
from engine.config.schema import TREE, Key, Path, Tree
from engine.errors import InvalidSpec
from engine.model.ids import NAME
from engine.model.intake.scalars import line
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word

Place = Callable[[Path], str]
"""Where a key was written: `FILE:LINE`, or a variable's name."""


class Given(NamedTuple):
    """A value, and where it came from."""

    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says."""

    values: Mapping[Path, Given] = field(default_factory=dict)
    names: Mapping[Path, str] = field(default_factory=dict)
    """Tables that carry a name of the operator's, and where that stands first."""


def dotted(path: Path) -> str:
    """A path as people write it: `queues.gpu.limit`, with quotes where a part needs them."""
    return ".".join(part if _is_bare(part) else quoted(part) for part in path)


def _is_bare(part: str) -> bool:
    return NAME.fullmatch(part) is not None and "." not in part


def problem(source: str, path: Path, wrong: Wrong) -> InvalidSpec:
    """What is wrong, where, and what was probably meant."""
    where = dotted(path) + "".join(
        part if part[0] == "[" else f".{part}" for part in wrong.path
    )
    colon = f"{where}: " if where else ""
    return InvalidSpec(f"{source}: {colon}{wrong.message}", field=where, nearest=wrong.near)


def read_layer(raw: Mapping[str, Any], place: Place) -> Layer:
    """The checked values of one source.

    Raises:
        InvalidSpec: the first problem; with more of them it says how many, and `details`
            has all.
    """
    values: dict[Path, Given] = {}
    names: dict[Path, str] = {}
    problems: list[InvalidSpec] = []
    for path, found in _walk(raw, TREE, ()):
        source = place(path)
        if isinstance(found, Wrong):
            problems.append(problem(source, path, found))
        elif isinstance(found, Given):
            values[path] = Given(found.value, source)
        else:
            names[path] = source
    raise_all(problems)
    return Layer(values, names)


def raise_all(problems: list[InvalidSpec]) -> None:
    """Raise one error for all of `problems`, if there are any."""
    if not problems:
        return
    first = problems[0]
    more = f" (and {len(problems) - 1} more wrong)" if len(problems) > 1 else ""
    raise InvalidSpec(
        first.message + more,
        field=first.field,
        nearest=first.nearest,
        details={"problems": [one.message for one in problems]},
    )


def _walk(raw: Any, tree: Tree, path: Path) -> Iterator[tuple[Path, Given | Wrong | None]]:
    """What stands at each path: a value, what is wrong with it, or None for a named table."""
    for part, value in raw.items():
        below = (*path, part)
        try:
            branch = _branch(tree, part, path)
            if isinstance(branch, Key):
                yield below, Given(_read(branch, value), "")
                continue
            if not isinstance(value, Mapping):
                raise wrong_type(value, "a table")
        except Wrong as wrong:
            yield below, wrong
            continue
        if part not in tree:
            yield below, None
        yield from _walk(value, branch, below)


def _branch(tree: Tree, part: str, path: Path) -> "Tree | Key":
    if part in tree and part != "*":
        return tree[part]
    if "*" not in tree:
        what = f"key of [{dotted(path)}]" if path else "table"
        raise wrong_word(what, part, tree)
    if path == ("limits", "groups"):
        line(part, 200)
    else:
        read_name(part)
    return tree["*"]


def _read(key: Key, value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        raise Wrong(f"takes no date or time ({value})")
    if isinstance(value, Mapping) and not key.takes_table:
        raise Wrong("is one value, and no table")
    return key.kind.read(value)
