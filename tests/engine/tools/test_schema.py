"""Schemas from annotations and docstrings; what is no tool says why."""

import threading
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, TypedDict

import msgspec
import pytest

from engine.tools import ToolContext, tool
from engine.tools.checking import problems
from engine.tools.docstring import described
from engine.tools.schema import Arguments, SchemaError


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: int
    y: int = 0


class Box(msgspec.Struct):
    size: int


class Person(TypedDict):
    name: str


def everything(
    text: str,
    number: int,
    colour: Colour,
    how: Literal["up", "down"],
    point: Point,
    box: Box,
    person: Person,
    context: ToolContext,
    maybe: str | None = None,
    many: list[int] = [],  # noqa: B006
    ratio: float = 0.5,
) -> dict[str, int]:
    """Do everything.

    At once.

    Args:
        text: What it is.
        number (int): How many,
            on a second line.

    Returns:
        Something.
    """
    return {}


def test_a_schema_has_types_defaults_and_words() -> None:
    arguments = Arguments(everything)
    schema = arguments.schema
    known = schema["properties"]
    assert arguments.about == "Do everything.\n\nAt once."
    assert arguments.context == "context"
    assert "context" not in known
    assert known["text"] == {"type": "string", "description": "What it is."}
    assert known["number"]["description"] == "How many, on a second line."
    assert known["how"]["enum"] == ["down", "up"]
    assert known["maybe"]["default"] is None
    assert known["ratio"] == {"type": "number", "default": 0.5}
    required = ["text", "number", "colour", "how", "point", "box", "person"]
    assert schema["required"] == required
    assert schema["additionalProperties"] is False
    assert {"Point", "Box", "Person", "Colour"} <= set(schema["$defs"])


def test_arguments_become_what_the_function_takes() -> None:
    given: dict[str, Any] = {
        "text": "t",
        "number": 1,
        "colour": "red",
        "how": "up",
        "point": {"x": 1},
        "box": {"size": 2},
        "person": {"name": "ana"},
    }
    checked = Arguments(everything).check(given)
    assert checked["colour"] is Colour.RED
    assert checked["point"] == Point(1)
    assert checked["box"] == Box(2)
    first, second = (Arguments(everything).check(given)["many"] for _ in range(2))
    first.append(1)
    assert second == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": "1"}, "Expected `int`"),
        ({"number": 1.5}, "Expected `int`"),
        ({"colour": "green"}, "green"),
        ({"point": {"x": "a"}}, "point.x"),
        ({"numbr": 1}, "did you mean 'number'?"),
    ],
)
def test_wrong_arguments_say_what_and_where(change: dict[str, Any], words: str) -> None:
    given = {"text": "t", "number": 1, "colour": "red", "how": "up", "point": {"x": 1}}
    given |= {"box": {"size": 2}, "person": {"name": "ana"}, **change}
    with pytest.raises(ValueError) as wrong:
        Arguments(everything).check(given)
    assert words in str(wrong.value)


def test_a_mutable_default_is_not_shared() -> None:
    def keeps(seen: list[int] = [1]) -> None:  # noqa: B006
        """Keep."""

    arguments = Arguments(keeps)
    arguments.check({})["seen"].append(2)
    assert arguments.check({})["seen"] == [1]


def test_what_cannot_be_a_tool_says_why() -> None:
    def untyped(a) -> None: ...  # type: ignore[no-untyped-def]

    def starred(*many: int) -> None: ...

    def odd(a: int, b: threading.Lock) -> None: ...

    async def waits() -> None: ...

    for function, words in (
        (untyped, "a has no type"),
        (starred, "no name"),
        (odd, "b: JSON has nothing"),
    ):
        with pytest.raises(SchemaError) as wrong:
            tool(function)
        assert words in str(wrong.value)
    with pytest.raises(SchemaError):
        tool(kind="io")(waits)
    with pytest.raises(SchemaError):
        tool(timeout="soon")(lambda: None)


def test_a_default_that_can_change_is_not_shared_whatever_it_is() -> None:
    def moves(point: Point = Point(1), box: Box = Box(2)) -> None: ...  # noqa: B008

    arguments = Arguments(moves)
    first = arguments.check({})
    first["point"].x = first["box"].size = 9
    again = arguments.check({})
    assert (again["point"].x, again["box"].size) == (1, 2)


def test_more_of_what_cannot_be_a_tool_says_why() -> None:
    def twice(one: ToolContext, two: ToolContext) -> None: ...

    def huge(a: int = 2**70) -> None: ...

    def half(a: str = "\ud800") -> None: ...

    for function, words in ((twice, "one and two"), (huge, "huge"), (half, "half")):
        with pytest.raises(SchemaError, match=words):
            tool(function)
    for name in ("two\nlines", "\x1b[31m", "x" * 101):
        with pytest.raises(SchemaError, match="cannot be typed"):
            tool(name=name)(lambda: None)


def test_a_tool_is_still_its_function() -> None:
    @tool(name="plus", timeout="2s", retryable=(KeyError,))
    def add(a: int, b: int = 1) -> int:
        return a + b

    assert add(1, b=2) == 3
    assert (add.name, add.kind, add.timeout_ms) == ("plus", "io", 2000)
    assert add.result == {"type": "integer"}
    assert add.is_retryable(KeyError())
    assert not add.is_retryable(ValueError())


def test_a_docstring_without_sections_is_all_about() -> None:
    assert described("One line.") == ("One line.", {})
    assert described(None) == ("", {})


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({"a": 1}, []),
        ({"a": "${{ results.x }}"}, []),
        ({"a": "x"}, ["a: must be integer, not 'x'"]),
        ({"a": True}, ["a: must be integer, not True"]),
        ({}, ["missing argument 'a'"]),
        ({"a": 1, "c": 2}, ["unknown argument 'c': there is a, b"]),
        ({"a": 1, "b": None}, []),
        ({"a": 1, "b": 3}, ["b: must be string or null, not 3"]),
    ],
)
def test_a_schema_alone_tells_most_of_what_is_wrong(
    args: dict[str, Any], found: list[str]
) -> None:
    def takes(a: int, b: str | None = None) -> None: ...

    told = list(problems(Arguments(takes).schema, args))
    assert [one.replace("did you mean 'a'?", "there is a, b") for one in told] == found
