"""Gates as people write them."""

from typing import Any

import pytest

from engine.errors import InvalidSpec
from engine.model.checks import Check
from engine.model.intake import read_job
from engine.model.redaction import command_text


def read(gate: Any) -> Check | None:
    return read_job({"command": ["true"], "gate": gate}, owner="ana", cwd="/w").gate


@pytest.mark.parametrize(
    ("said", "read_as", "text"),
    [
        ("pytest -q && lint", Check(shell="pytest -q && lint"), "pytest -q && lint"),
        (["make", "check"], Check(argv=("make", "check")), "make check"),
        ("TOKEN=abc check", Check(shell="TOKEN=abc check"), "TOKEN=•••• check"),
    ],
)
def test_gates(said: Any, read_as: Check, text: str) -> None:
    gate = read(said)
    assert gate == read_as
    assert command_text(gate) == text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "nothing to check with"),
        ([], "empty"),
        ([""], "empty"),
        (3, "list of words"),
        ({"a": 1}, "list of words"),
        (["a", 7], r"gate\[1\]"),
    ],
)
def test_gates_that_cannot_be(said: Any, words: str) -> None:
    with pytest.raises(InvalidSpec, match=words) as wrong:
        read(said)
    assert str(wrong.value.field).startswith("job.gate")
