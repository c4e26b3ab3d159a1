"""`crabtui demo` as a newcomer runs it: it works, it ends, and it leaves nothing behind."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.processes import end_all
from tests.kit.terminal import Terminal

DEMO = [sys.executable, "-m", "crabtui", "demo"]


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the demo will make its folder; short, as a socket's path has a limit."""
    with tempfile.TemporaryDirectory(prefix="d-") as folder:
        yield Path(folder)


def test_without_a_terminal_it_shows_every_end_and_succeeds(place: Path) -> None:
    done = subprocess.run(
        [*DEMO, "--jobs", "20"],
        env={**os.environ, "TMPDIR": str(place)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "each ended as it should" in done.stdout.splitlines()[-1]
    for word in ("compile", "compress", "download", "test", "limits", "SKIPPED", "TIMEOUT"):
        assert word in done.stdout
    assert list(place.iterdir()) == []


def test_on_a_terminal_it_opens_the_console(place: Path) -> None:
    command = [*DEMO, "--jobs", "20"]
    with Terminal(command, columns=100, rows=30, env={"TMPDIR": str(place)}) as terminal:
        terminal.wait_text("compile module_0", timeout_s=60)
        terminal.write("q")
        assert terminal.wait_exit(timeout_s=60) == 0
        assert terminal.modes == terminal.modes_before
    assert list(place.iterdir()) == []


def test_kept_it_goes_on_without_us(place: Path) -> None:
    command = [*DEMO, "--jobs", "20", "--keep"]
    try:
        with Terminal(command, columns=100, rows=30, env={"TMPDIR": str(place)}) as terminal:
            terminal.wait_text("compile module_0", timeout_s=60)
            terminal.write("q")
            assert terminal.wait_exit(timeout_s=60) == 0
        assert str(_state(place)) in terminal.text.replace("\n", "")
        assert _crabtui(_state(place), "stats") == 0
    finally:
        assert _crabtui(_state(place), "stop") == 0
        end_all(_state(place))


def _state(place: Path) -> Path:
    return next(place.glob("crabtui-demo-*")) / "state"


def _crabtui(state: Path, *words: str) -> int:
    command = [sys.executable, "-m", "crabtui", "--state", str(state), *words]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode
