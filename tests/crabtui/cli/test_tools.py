"""`crabtui tools` and `submit --tool`, on a real daemon."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon

TOOLS = '''
from engine.tools import tool

@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    Args:
        a: The first.
    """
    return a + b

@tool
def fail() -> None:
    raise ValueError("it cannot \\x1b[31mbe")
'''


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealDaemon]:
    (tmp_path / "s").mkdir(mode=0o700)
    (tmp_path / "cli_tools.py").write_text(TOOLS)
    config = f'[tools]\nmodules = ["cli_tools", "gone"]\npath = ["{tmp_path}"]\n'
    (tmp_path / "s" / "config.toml").write_text(config)
    monkeypatch.setenv("CRABTUI_STATE", str(tmp_path / "s"))
    with RealDaemon(tmp_path) as daemon:
        yield daemon


@pytest.mark.usefixtures("tools")
def test_tools_are_listed_shown_and_called(crab: Crab) -> None:
    listed = crab("tools")
    assert [line.split()[:2] for line in listed.out.splitlines()[1:]] == [
        ["add", "io"],
        ["fail", "io"],
    ]
    assert "module gone was not imported: ModuleNotFoundError" in listed.err
    shown = crab("tools", "show", "add")
    assert "integer  The first." in shown.out
    assert "[default: 1]" in shown.out
    called = crab("tools", "call", "add", "-a", "a=2", "--json-args", '{"b": 5}')
    assert (called.code, called.out) == (0, "7\n")
    whole = json.loads(crab("tools", "call", "add", "-a", "a=2", "--json").out)
    assert (whole["state"], whole["result"]) == ("succeeded", 3)
    job = crab("show", str(whole["id"])).out
    assert job.startswith(f"#{whole['id']} add(a=2)\n")
    assert re.search(r"^calls +add\(a=2\)$", job, re.MULTILINE)
    assert re.search(r"^result +3$", job, re.MULTILINE)
    failed = crab("tools", "call", "fail")
    assert failed.code == 1
    assert "ValueError: it cannot" in failed.err
    assert "\x1b" not in failed.err


@pytest.mark.usefixtures("tools")
def test_what_cannot_be_called_is_said_in_the_flags_words(crab: Crab) -> None:
    for words, said in (
        (("tools", "call", "ad"), "did you mean 'add'?"),
        (("tools", "call", "add", "-a", "a=x"), "a: must be integer"),
        (("tools", "call", "add", "-a", "a"), "write NAME=VALUE"),
        (("tools", "call", "add", "--json-args", "[1]"), "no object"),
        (("submit", "--tool", "add", "--args", "{"), "no JSON"),
        (("submit", "--tool", "add", "--", "true"), "not both"),
    ):
        ran = crab(*words)
        assert (ran.code, ran.out) == (2, ""), ran
        assert said in ran.err


@pytest.mark.usefixtures("tools")
def test_a_tool_that_is_not_there_is_not_found(crab: Crab) -> None:
    ran = crab("tools", "show", "ad")
    assert ran.code == 3
    assert "did you mean 'add'?" in ran.err


@pytest.mark.usefixtures("tools")
def test_a_call_may_be_submitted_like_any_job(crab: Crab) -> None:
    assert crab("submit", "--tool", "add", "--args", '{"a": 1}').out == "#1\n"
    assert crab("wait", "1").code == 0
    assert crab("tools", "call", "add", "-a", "a=1", "--detach").out == "#2\n"
