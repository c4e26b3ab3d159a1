"""What is wrong with a value of a job, and where, while it travels up to the job."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from engine.errors import InvalidSpec
from engine.model.words import nearest

MOST_NAMED: Final = 20
FIRST_NAMED: Final = 9


class Wrong(Exception):
    """A value that cannot be taken; each level that it passes adds its key in front."""

    def __init__(self, message: str, *, near: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.near = near
        self.path: list[str] = []
        self.offset: int | None = None
        """Where in the text it stands, if that is known."""

    def under(self, key: str) -> "Wrong":
        """The same trouble, seen from the map that holds `key`."""
        self.path.insert(0, key)
        return self

    def error(self, where: str) -> InvalidSpec:
        """What the submitter gets to read; `where` is the job's place."""
        place = ".".join([where, *self.path] if where else self.path).replace(".[", "[")
        return InvalidSpec(f"{place}: {self.message}", field=place, nearest=self.near)


def wrong_type(value: Any, wanted: str) -> Wrong:
    """`value` is of another type than `wanted`, which is said as `a whole number`."""
    return Wrong(f"must be {wanted}, not {kind_of(value)} ({shown(value)})")


def wrong_word(what: str, word: str, known: Iterable[str]) -> Wrong:
    """`word` is no `what`; names the nearest that is."""
    choices = list(known)
    near = nearest(word, sorted(choices))
    hint = f"did you mean {near!r}?" if near else _choice(choices)
    return Wrong(f"unknown {what} {word[:100]!r}: {hint}", near=near)


def _choice(choices: Sequence[str]) -> str:
    """All of few; of many the first, which the tables have in the order of their use."""
    if len(choices) <= MOST_NAMED:
        return f"one of: {', '.join(sorted(choices))}"
    return f"there are {', '.join(choices[:FIRST_NAMED])} … (see `crabtui submit --help`)"


def kind_of(value: Any) -> str:
    """The type of a decoded JSON value, in words."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if value is None:
        return "nothing"
    return "a map" if isinstance(value, dict) else "a list"


def shown(value: Any) -> str:
    """`value` in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
