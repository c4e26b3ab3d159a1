"""Numbers that no database holds, in every field of every verb."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from engine.control.messages import AnyRequest, SayHello, Stop
from tests.engine.loops.test_dispatch import turns
from tests.kit.engine import an_engine
from tests.kit.raw_door import Raw, a_door

NEEDED: dict[str, Any] = {
    "id": 1,
    "ids": [1],
    "count": 1,
    "lines": "",
    "name": "q",
    "targets": {"ids": [1]},
    "jobs": [{"argv": ["true"], "hold": True}],
    "job": {"argv": ["true"], "hold": True},
    "act": "priority",
    "by": "queue",
    "field": "queue",
    "changes": {},
    "token": "x",
    "drain": False,
    "table": {},
    "key": "",
    "data": "",
    "sha": "a" * 64,
    "a": 1,
    "b": 1,
    "pattern": "x",
    "spec": "@daily",
    "definition": {"tasks": {"a": {"argv": ["true"], "hold": True}}},
}
EXTREMES = (2**63, 2**64, 10**30, -(2**63) - 1)
EDGES = (2**63 - 1, -(2**63))


def questions(numbers: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each verb with each of its whole numbers at each of these values."""
    for kind in get_args(AnyRequest):
        if kind in (SayHello, Stop):
            continue
        fields = msgspec.inspect.type_info(kind).fields  # type: ignore[attr-defined]
        asked = {f.name: NEEDED[f.name] for f in fields if f.required}
        verb = {"verb": kind.__struct_config__.tag, **asked}
        for field in fields:
            for number in numbers:
                if "IntType" in repr(field.type) and "DictType" not in repr(field.type):
                    given = number if "Tuple" not in repr(field.type) else [number]
                    yield field.name, {**verb, field.name: given}
                if field.name == "targets":
                    yield "targets", {**verb, "targets": {"ids": [number]}}


async def test_numbers_out_of_range_are_refused_at_the_door(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine, a_door(engine, tmp_path) as path:
        raw = await Raw.connect(path)
        for number, (name, question) in enumerate(questions(EXTREMES), 1):
            error = (await raw.answer(number, **question)).get("error")
            assert error is not None, question
            assert error["code"] == "invalid", (question, error)
            assert name in error["message"], error
        assert number > 100
        await raw.close()


async def test_the_largest_numbers_break_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_engine(tmp_path) as engine, a_door(engine, tmp_path) as path:
        await engine.submit({"argv": ["true"], "hold": True}, {"argv": ["true"]})
        for question in [question for _, question in questions(EDGES)]:
            raw = await Raw.connect(path)
            raw.ask(1, **question)
            assert "ok" in await _answer(raw, 2, verb="stats")
            await raw.close()
        await turns(200)
    assert [r.getMessage() for r in caplog.records if "broke" in r.getMessage()] == []


async def _answer(raw: Raw, number: int, **request: Any) -> Any:
    raw.ask(number, **request)
    while (reply := await raw.read())["id"] != number:
        continue
    return reply
