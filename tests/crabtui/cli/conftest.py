"""The command line, called as a function, on a daemon that answers by script."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crabtui.cli.frame.run_line import run_line
from tests.kit.fake_door import FakeDoor


@dataclass(frozen=True)
class Ran:
    """What one command line did."""

    code: int
    out: str
    err: str


def _text(data: bytes) -> str:
    """What was printed; bytes that are no text survive as lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


Crab = Callable[..., Ran]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state directory that `CRABTUI_STATE` names."""
    return tmp_path / "s"


@pytest.fixture
def door(state: Path) -> Iterator[FakeDoor]:
    """A scripted daemon in the state directory."""
    with FakeDoor(state) as opened:
        yield opened


@pytest.fixture
def crab(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Crab:
    """Runs `crabtui` with these words, as from a script: no terminal, no colours."""
    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    monkeypatch.setenv("COLUMNS", "96")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.delenv("CRAB_JOB", raising=False)

    def run(*words: str) -> Ran:
        code = run_line(words)
        return Ran(code, *map(_text, capfdbinary.readouterr()))

    return run
