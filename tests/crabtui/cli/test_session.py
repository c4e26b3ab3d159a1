"""Sessions of tmux by command, on a real server of their own."""

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crabtui.cli.session import age_s
from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.waiting import wait_until

Tmux = Callable[..., str]
ONE = ("--repo", "r", "--work", "task-1")
NAME = "aivcs__r__task-1__agent"


@pytest.fixture(autouse=True)
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tmux]:
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setenv("TMUX_TMPDIR", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)

    def ask(*words: str) -> str:
        done = subprocess.run(["tmux", *words], capture_output=True, check=False)
        return done.stdout.decode()

    yield ask
    ask("kill-server")


def sessions(tmux: Tmux) -> set[str]:
    return set(tmux("list-sessions", "-F", "#{session_name}").split())


def test_attach_makes_it_once_and_needs_no_terminal(crab: Crab, tmux: Tmux) -> None:
    assert crab("session", "attach", *ONE).out == f"{NAME} made\n"
    assert crab("session", "attach", *ONE).out == f"{NAME} is there\n"
    assert sessions(tmux) == {NAME}


def test_kill_ends_exactly_one_of_ours(crab: Crab, tmux: Tmux) -> None:
    crab("session", "attach", "--repo", "r", "--work", "task-10")
    tmux("new-session", "-d", "-s", "mine")
    assert crab("session", "kill", NAME).code == 3
    crab("session", "attach", *ONE)
    assert crab("session", "kill", NAME).code == 0
    assert sessions(tmux) == {"aivcs__r__task-10__agent", "mine"}
    for other in ("mine", "aivcs__r__task", "=mine"):
        assert crab("session", "kill", other).code == 3
    crab("session", "attach", *ONE, "--role", "HUMAN")
    ran = crab("session", "kill", "aivcs__r__task-1__human")
    assert (ran.code, "person's own" in ran.err) == (3, True)


def test_list_and_prune(crab: Crab, tmux: Tmux, daemon: RealDaemon) -> None:
    assert daemon.is_running
    tmux("new-session", "-d", "-s", "mine")
    for role in ("agent", "runner", "human"):
        crab("session", "attach", *ONE, "--role", role)
    told = json.loads(crab("session", "list", "--json").out)["sessions"]
    assert {one["role"] for one in told} == {"agent", "runner", "human"}
    assert NAME in crab("session", "list").out
    for age in ("1", "2d", "1m"):
        assert crab("session", "prune", "--older-than", age).out == "none is that old\n"
    assert len(sessions(tmux)) == 4
    crab("session", "prune", "--older-than", "0")
    assert sessions(tmux) == {"mine", "aivcs__r__task-1__human"}
    assert crab("session", "prune", "--older-than", "soon").code == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 7200), ("0.5", 1800), ("2d", 172_800), ("1m", 60), ("250ms", 0.25)],
)
def test_an_age_is_hours_or_says_its_unit(text: str, seconds: float) -> None:
    assert age_s(text) == seconds


@pytest.mark.parametrize("words", [("echo a; echo b;",), ("printf", "%s", "-x $HOME 'q'")])
def test_exec_types_to_the_letter(crab: Crab, tmux: Tmux, words: tuple[str, ...]) -> None:
    typed = Path(os.environ["HOME"]) / "typed"
    tmux("new-session", "-d", "-s", NAME, "-c", str(typed.parent), "cat > typed")
    wait_until(typed.exists)
    assert crab("session", "exec", *ONE, "--", *words).code == 0
    wanted = words[0] if len(words) == 1 else "printf %s '-x $HOME '\"'\"'q'\"'\"''"
    wait_until(lambda: typed.read_text() == wanted + "\n")
    assert crab("session", "exec", "--repo", "r", "--work", "no", "--", "ls").code == 3
    assert crab("session", "exec", *ONE, "--", "a\nb").code == 2


def test_attach_takes_over_a_terminal(tmux: Tmux, state: Path) -> None:
    main, side = pty.openpty()
    argv = [sys.executable, "-m", "crabtui", "--state", str(state), "session", "attach", *ONE]
    env = os.environ | {"TERM": "xterm"}
    process = subprocess.Popen(argv, stdin=side, stdout=side, stderr=side, env=env)
    os.close(side)
    attached = ("list-clients", "-F", "#{session_name}")
    wait_until(lambda: tmux(*attached).strip() == NAME)
    tmux("detach-client", "-s", NAME)
    assert process.wait(90) == 0
    os.close(main)


def test_a_name_that_cannot_be_is_refused(crab: Crab) -> None:
    ran = crab("session", "attach", "--repo", "../x", "--work", "w")
    assert (ran.code, "repo" in ran.err) == (2, True)
    assert crab("session", "attach", *ONE, "--worker", "nowhere").code == 3


def test_a_job_is_watched_in_its_session(crab: Crab, tmux: Tmux, daemon: RealDaemon) -> None:
    assert daemon.is_running
    env = f"TMUX_TMPDIR={os.environ['TMUX_TMPDIR']}"
    watched = ("--session-repo", "r", "--session-work", "w", "--env", env, "--stdin")
    crab("submit", *watched, "--", "cat")
    name = "aivcs__r__w__runner"
    wait_until(lambda: name in sessions(tmux))
    assert json.loads(crab("show", "1", "--json").out)["job"]["tmux"] == name
    crab("send", "1", "x", "--eof")
    wait_until(lambda: name not in sessions(tmux))
    ran = crab("submit", "--session-role", "human", "--", "true")
    assert (ran.code, "agent or runner" in ran.err) == (2, True)
