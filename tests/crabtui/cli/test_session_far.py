"""Sessions of tmux on a worker elsewhere: a real sshd, a tmux server of its own over there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.control.messages import ListWorkers
from engine.control.views import WorkersView, WorkerView
from tests.crabtui.cli.conftest import Crab
from tests.kit.fake_door import FakeDoor
from tests.kit.sshd import Sshd
from tests.kit.tmux import Tmux as OurTmux
from tests.kit.waiting import wait_until

Tmux = Callable[..., str]
FAR = ("--worker", "far")
ONE = ("--repo", "r", "--work", "task-1", *FAR)
NAME = "aivcs__r__task-1__agent"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    (tmp_path / "d").mkdir()
    (tmp_path / "t").mkdir()
    home = tmp_path / "it's far"
    with Sshd(tmp_path / "d", home=home, env={"TMUX_TMPDIR": str(tmp_path / "t")}) as server:
        yield server


@pytest.fixture
def tmux(server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tmux]:
    """The tmux of the other machine, asked past ssh; the one here is another."""
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path / "here"))
    monkeypatch.setenv("HOME", str(tmp_path / "here"))
    monkeypatch.delenv("TMUX", raising=False)
    there = {**os.environ, "TMUX_TMPDIR": str(tmp_path / "t"), "HOME": str(server.home)}

    def ask(*words: str) -> str:
        done = subprocess.run(["tmux", *words], env=there, capture_output=True, check=False)
        return done.stdout.decode()

    yield ask
    ask("kill-server")


@pytest.fixture
def far(server: Sshd, tmux: Tmux, door: FakeDoor, state: Path) -> FakeDoor:
    """A daemon with one worker elsewhere, whose key an operator has accepted."""
    assert tmux("list-sessions") == ""
    (state / "known_hosts").write_text(server.known_hosts)
    door.answers[ListWorkers] = WorkersView(workers=(a_worker(server),), now_at=0)
    return door


def a_worker(server: Sshd) -> WorkerView:
    return WorkerView(
        name="far",
        backend="ssh",
        health="healthy",
        draining=False,
        slots=1,
        slots_taken=0,
        capacity={},
        taken={},
        seen_at=None,
        address=server.address,
        identity=str(server.client_key),
        ssh_config=False,
    )


def sessions(tmux: Tmux) -> set[str]:
    return set(tmux("list-sessions", "-F", "#{session_name}").split())


@pytest.mark.usefixtures("far")
def test_made_listed_and_ended_over_there(crab: Crab, tmux: Tmux) -> None:
    assert crab("session", "attach", *ONE).out == f"{NAME} made\n"
    assert crab("session", "attach", *ONE).out == f"{NAME} is there\n"
    crab("session", "attach", *ONE[:-4], "--work", "task-10", *FAR)
    tmux("new-session", "-d", "-s", "mine")
    told = json.loads(crab("session", "list", *FAR, "--json").out)["sessions"]
    assert {(one["name"], one["worker"]) for one in told} == {
        (NAME, "far"),
        ("aivcs__r__task-10__agent", "far"),
    }
    assert "far" in crab("session", "list").out
    assert crab("session", "kill", NAME, *FAR).out == f"{NAME} ended\n"
    assert crab("session", "kill", NAME, *FAR).code == 3
    assert crab("session", "kill", "mine", *FAR).code == 3
    assert sessions(tmux) == {"aivcs__r__task-10__agent", "mine"}


@pytest.mark.usefixtures("far")
def test_prune_leaves_people_and_strangers_alone(crab: Crab, tmux: Tmux) -> None:
    for role in ("agent", "runner", "human"):
        assert crab("session", "attach", *ONE, "--role", role).code == 0
    tmux("new-session", "-d", "-s", "mine")
    assert crab("session", "prune", "--older-than", "1", *FAR).out == "none is that old\n"
    crab("session", "prune", "--older-than", "0", *FAR)
    assert sessions(tmux) == {"mine", "aivcs__r__task-1__human"}


def test_prune_ends_once_what_two_workers_list(
    crab: Crab, far: FakeDoor, server: Sshd, tmux: Tmux
) -> None:
    both = (a_worker(server), replace(a_worker(server), name="too"))
    far.answers[ListWorkers] = WorkersView(workers=both, now_at=0)
    crab("session", "attach", *ONE)
    ran = crab("session", "prune", "--older-than", "0")
    assert (ran.code, ran.out) == (0, f"{NAME} ended\n")
    assert sessions(tmux) == set()


@pytest.mark.usefixtures("far")
def test_exec_types_to_the_letter_over_there(crab: Crab, server: Sshd, tmux: Tmux) -> None:
    typed = server.home / "typed"
    tmux("new-session", "-d", "-s", NAME, "-c", str(server.home), "cat > typed")
    wait_until(typed.exists)
    line = """-n $(touch /x) "it's" `id` ~ \\; echo;"""
    assert crab("session", "exec", *ONE, "--", line).code == 0
    wait_until(lambda: typed.read_text() == line + "\n")
    assert crab("session", "exec", *ONE[:-4], "--work", "no", *FAR, "--", "ls").code == 3


@pytest.mark.usefixtures("far")
def test_attach_takes_over_a_terminal(tmux: Tmux, tmp_path: Path, state: Path) -> None:
    argv = [sys.executable, "-m", "crabtui", "--state", str(state), "session", "attach", *ONE]
    (tmp_path / "screen").mkdir()
    with OurTmux(tmp_path / "screen", columns=100) as screen:
        screen.write(f"{' '.join(argv)}; echo back with $?\n")
        screen.wait_text(f"[{NAME[:6]}")
        wait_until(lambda: NAME in tmux("list-clients", "-F", "#{session_name}"))
        tmux("send-keys", "-t", f"={NAME}:", "echo $((40 + 2)) over there", "Enter")
        screen.wait_text("42 over there")
        tmux("detach-client", "-s", NAME)
        screen.wait_text("back with 0")
    assert NAME in sessions(tmux)


def test_a_key_that_nobody_accepted_is_refused(
    far: FakeDoor, crab: Crab, state: Path, server: Sshd
) -> None:
    known = state / "known_hosts"
    known.unlink()
    ran = crab("session", "list", *FAR)
    assert (ran.code, "Host key verification failed" in ran.err) == (3, True)
    assert not known.exists()
    assert far.asked(ListWorkers)
    ran = crab("session", "list")
    assert (ran.code, "no session" in ran.out, "far" in ran.err) == (0, True, True)
    server.close()
    assert crab("session", "kill", NAME, *FAR).code == 3


def test_it_is_no_matter_of_another_machines_daemon(crab: Crab) -> None:
    ran = crab("session", "list", "--host", "me@far")
    assert (ran.code, "`ssh -t me@far crabtui session list`" in ran.err) == (2, True)
