"""The values in effect: what the sources say in their order, and defaults for the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.config.backends import LOCAL
from engine.config.reading import Given, Layer, dotted, problem
from engine.config.schema import KEYS, Key, Path
from engine.errors import InvalidSpec
from engine.model.intake.wrong import Wrong
from engine.model.rules import PRESETS

DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting as it is."""

    key: str
    """Dotted."""
    value: str
    """As it would be written in the file."""
    source: str
    about: str
    needs_restart: bool


class Values:
    """All settings of all names, each with where it came from."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        """Lay later sources over earlier ones, key by key."""
        self._given: dict[Path, Given] = {}
        self._names: dict[Path, str] = {}
        for layer in layers:
            self._given |= layer.values
            self._names |= {
                path: at for path, at in layer.names.items() if path not in self._names
            }

    def __getitem__(self, path: Path) -> Any:
        return self._find(path).value

    def source(self, path: Path) -> str:
        """Where the value at `path` came from."""
        return self._find(path).source

    def is_given(self, path: Path) -> bool:
        """Whether somebody said something of it, a preset included."""
        return self.source(path) != DEFAULT

    def names(self, *above: str) -> list[str]:
        """What stands below a table whose keys are names, sorted."""
        return sorted(self.as_written(*above))

    def as_written(self, *above: str) -> list[str]:
        """The same in the order of the files."""
        depth = len(above)
        found = (
            path[depth]
            for path in (*self._names, *self._given)
            if len(path) > depth and path[:depth] == above
        )
        return list(dict.fromkeys(found))

    def wrong(self, path: Path, why: str, near: str | None = None) -> InvalidSpec:
        """The error for a value that does not go with the others."""
        return problem(self.source(path), path, Wrong(why, near=near))

    def shown(self) -> Iterator[Effective]:
        """Every setting, tables and keys in the order of the schema, names sorted."""
        paths = [(path, key) for pattern, key in KEYS.items() for path in self._paths(pattern)]
        for path, key in sorted(paths, key=lambda one: _rank(*one)):
            found = self._find(path)
            yield Effective(
                dotted(path),
                key.kind.write(found.value),
                found.source,
                key.about,
                key.needs_restart and not self._is_elsewhere(path),
            )

    def _is_elsewhere(self, path: Path) -> bool:
        """Whether it is said of a worker on another machine: these come and go at any time."""
        return path[0] == "workers" and self[("workers", path[1], "backend")] != LOCAL

    def _paths(self, pattern: Path, above: Path = ()) -> Iterator[Path]:
        if not pattern:
            yield above
        elif pattern[0] == "*":
            for name in self.names(*above):
                yield from self._paths(pattern[1:], (*above, name))
        else:
            yield from self._paths(pattern[1:], (*above, pattern[0]))

    def _find(self, path: Path) -> Given:
        given = self._given.get(path)
        return given if given is not None else self._preset(path) or _default(path)

    def _preset(self, path: Path) -> Given | None:
        """What the preset beside a key of backpressure says of it."""
        preset = self._given.get((*path[:-1], "preset"))
        if preset is None or path[0] not in ("limits", "queues") or preset.value == "off":
            return None
        pressure = PRESETS[preset.value]
        if path[-1] in ("max_depth", "max_queue_depth"):
            return Given(pressure.max_depth, preset.source)
        if path[-1] == "at_percent":
            return Given(pressure.at_percent, preset.source)
        return None


def _rank(path: Path, key: Key) -> list[tuple[int, str]]:
    """Where a setting is shown: names by the alphabet, all else as in the schema."""
    order = list(KEYS)
    return [
        (0, part)
        if one == "*"
        else (next(i for i, other in enumerate(order) if other[:depth] == key.path[:depth]), "")
        for depth, (part, one) in enumerate(zip(path, key.path, strict=True), 1)
    ]


def _default(path: Path) -> Given:
    return Given(KEYS[_pattern(path)].default, DEFAULT)


def _pattern(path: Path) -> Path:
    """The schema's path for a path of the operator's: names are `*`."""
    if path in KEYS:
        return path
    return next(
        pattern
        for pattern in KEYS
        if len(pattern) == len(path)
        and all(one in ("*", part) for one, part in zip(pattern, path, strict=True))
    )


def changes(was: Mapping[str, Effective], now: Mapping[str, Effective]) -> list[str]:
    """Keys whose value or presence differs, in the order of `now`, then of `was`."""
    keys = dict.fromkeys([*now, *was])
    return [key for key in keys if _value(was.get(key)) != _value(now.get(key))]


def _value(one: Effective | None) -> str | None:
    return one.value if one else None
