"""`crabtui demo` as a newcomer runs it: it works, it ends, and it leaves nothing behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crabtui.demo.sshd import machines
from engine.control.blocking import connect
from engine.control.messages import ListJobs, ListWorkers
from engine.errors import NotAllowed
from tests.kit.processes import end_all
from tests.kit.terminal import Terminal
from tests.kit.waiting import wait_until

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


def test_over_ssh_nothing_runs_here_and_a_kill_leaves_no_server(place: Path) -> None:
    command = [*DEMO, "--jobs", "20", "--ssh", "2", "--headless"]
    env = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as running:
        wait_until(lambda: list(place.glob("crabtui-demo-*/state/run/door")), timeout_s=60)
        with connect(_state(place)) as client:

            def begun() -> set[str | None]:
                rows = client.call(ListJobs(where="!state:queued,pending", count=50)).jobs
                return {row.worker_id for row in rows} - {None}

            wait_until(lambda: len(begun()) == 2, timeout_s=90, what="jobs on both machines")
            assert begun() == {"far-1", "far-2"}
            workers = {one.name: one for one in client.call(ListWorkers()).workers}
            assert workers["local"].draining
            assert workers["far-1"].origin == "command"
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 128 + signal.SIGTERM
    assert list(place.iterdir()) == []
    assert not [one for one in psutil.process_iter(["cmdline"]) if _speaks_of(one, place)]


def test_without_an_sshd_it_names_the_package(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with (
        pytest.raises(NotAllowed, match="package openssh-server"),
        machines(place / "ssh", 1, keep=False),
    ):
        pass


def _speaks_of(process: psutil.Process, place: Path) -> bool:
    return str(place) in " ".join(process.info["cmdline"] or ())


def _state(place: Path) -> Path:
    return next(place.glob("crabtui-demo-*")) / "state"


def _crabtui(state: Path, *words: str) -> int:
    command = [sys.executable, "-m", "crabtui", "--state", str(state), *words]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode
