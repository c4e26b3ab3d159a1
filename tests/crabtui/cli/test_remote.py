"""`--host`: every verb through ssh, what it refuses, and what a submission brings along."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.messages import ListJobs, Submit
from engine.control.views import JobsPage, Submitted
from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.fake_door import FakeDoor, a_hello
from tests.kit.far import HERE, put_real_ssh, put_ssh
from tests.kit.processes import end_all
from tests.kit.sshd import USER, Sshd
from tests.kit.tmux import Tmux


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDoor]:
    """A scripted daemon of another machine; `--state` names its place there."""
    put_ssh(tmp_path / "bin", set_env=monkeypatch)
    monkeypatch.setenv("CRABTUI_REMOTE", HERE)
    with FakeDoor(tmp_path / "far") as door:
        yield door


@pytest.fixture
def there(tmp_path: Path) -> tuple[str, ...]:
    return ("--host", "me@far", "--state", str(tmp_path / "far"))


def test_a_verb_asks_over_there(far: FakeDoor, there: tuple[str, ...], crab: Crab) -> None:
    far.answers[ListJobs] = JobsPage(jobs=(), offset=0, total=0, total_is_exact=True, seq=1)
    assert crab(*there, "ls").code == 0
    assert crab("ls", *there).code == 0
    assert len(far.asked(ListJobs)) == 2


def test_a_submission_brings_nothing_of_this_machine(
    far: FakeDoor, there: tuple[str, ...], crab: Crab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRAB_JOB", "7")
    far.answers[Submit] = Submitted(ids=((1, 1),), count=1)
    from engine.control.messages import SayHello

    far.answers[SayHello] = a_hello(home="/home/ann", env={"PATH": "/far/bin"})
    assert crab(*there, "submit", "--", "true").out == "#1\n"
    assert crab(*there, "submit", "--cwd", "~/runs", "--", "true").code == 0
    plain, placed = far.asked(Submit)
    assert (plain.cwd, plain.env) == ("/home/ann", {"PATH": "/far/bin"})
    assert plain.jobs == ({"argv": ["true"]},)
    assert placed.jobs[0]["cwd"] == "runs"


@pytest.mark.parametrize("verb", [("restart",), ("doctor",), ("demo",), ("--daemon",)])
def test_what_is_about_this_machine_says_where_to_do_it(
    verb: tuple[str, ...], crab: Crab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRABTUI_STATE", str(tmp_path))
    ran = crab("--host", "me@far:2200", *verb)
    assert ran.code == 2
    assert f"`ssh -t -p 2200 me@far crabtui {verb[0]}`" in ran.err


def test_trouble_is_one_harmless_line(
    crab: Crab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "printf 'kex: \\033]0;boo\\007no match\\n' >&2; exit 255\n"
    put_ssh(tmp_path / "bin", script, set_env=monkeypatch)
    ran = crab("--host", "me@far", "ls")
    assert (ran.code, ran.err) == (3, "crabtui: cannot reach me@far: kex: no match\n")


def test_stdio_writes_nothing_but_frames(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "crabtui", "stdio", "--no-start", "--state", str(tmp_path)]
    done = subprocess.run(argv, input=b"", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"no daemon answers" in done.stderr
    with FakeDoor(tmp_path):
        done = subprocess.run(argv, input=b"", capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_first_word_starts_a_daemon_there(
    tmp_path: Path, crab: Crab, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_ssh(tmp_path / "bin", set_env=monkeypatch)
    there = ("--host", "me@far", "--state", str(tmp_path / "s"), "--remote-command", HERE)
    try:
        assert crab(*there, "stats").code == 3, "stats starts none"
        ran = crab(*there, "run", "--", "sh", "-c", "pwd; exit 7")
        assert (ran.code, ran.out) == (7, f"{Path.home()}\n")
        assert crab(*there, "stop").code == 0
    finally:
        end_all(tmp_path / "s")


def test_over_a_real_sshd(
    daemon: RealDaemon, crab: Crab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sshd").mkdir()
    with Sshd(tmp_path / "sshd") as server:
        put_real_ssh(tmp_path / "bin", server, set_env=monkeypatch)
        monkeypatch.delenv("CRABTUI_STATE")
        host = f"{USER}@127.0.0.1:{server.port}"
        there = ("--host", host, "--remote-command", HERE, "--state", str(daemon.state))
        ran = crab(*there, "run", "--", "sh", "-c", "echo far; exit 4")
        assert (ran.code, ran.out) == (4, "far\n")
        server.new_host_key()
        server.restart()
        changed = crab(*there, "ls")
        assert changed.code == 3
        assert "Host key verification failed" in changed.err


def test_the_console_comes_back_by_itself(
    daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sshd").mkdir()
    daemon.submit({"argv": ["true"], "name": "far-away"})
    with Sshd(tmp_path / "sshd") as server:
        put_real_ssh(tmp_path / "bin", server, set_env=monkeypatch)
        host = f"{USER}@127.0.0.1:{server.port}"
        there = ["--host", host, "--remote-command", HERE, "--state", str(daemon.state)]
        argv = [sys.executable, "-m", "crabtui", *there]
        env = {"PATH": os.environ["PATH"], "CRABTUI_STATE": str(tmp_path / "here")}
        with Tmux(tmp_path, argv, env=env) as tmux:
            screen = tmux.wait_screen(lambda text: "LIVE" in text and "far-away" in text)
            assert "127.0.0.1" in screen.splitlines()[0]
            server.close()
            tmux.wait_screen(lambda text: "OFFLINE" in text and "retry" in text)
            server.start()
            tmux.press("R")
            tmux.wait_text("LIVE")
            tmux.press("q")
