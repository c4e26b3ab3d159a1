"""Gates: what runs after a command that succeeded, and decides, on every kind of host."""

from pathlib import Path

import pytest

from engine.model.checks import Check
from engine.model.workspaces import Workspace
from tests.engine.backends.conftest import MakeHands
from tests.engine.backends.hands import EPOCH, PATH, Hands
from tests.kit.repositories import a_repository, git, worktrees
from tests.kit.waiting import wait_until


def line(shell: str) -> Check:
    return Check(shell=shell)


async def test_a_gate_that_is_passed(hands: Hands, tmp_path: Path) -> None:
    env = (PATH, ("UID", "5"), ("A", "it's"))
    gate = Check(argv=("sh", "-c", 'cat made; echo "$A $UID $1"; cat; pwd -P', "-", "a b"))
    command = "echo done; echo yes >made; cat"
    report = await hands.sh(command, gate=gate, cwd=str(tmp_path), env=env, stdin="input\n")
    end = await hands.end(report)
    assert (end.state, end.code, end.signal, end.why) == ("exited", 0, None, None)
    lines = (await hands.log(report)).decode().splitlines()
    assert lines == ["done", "input", "yes", "it's 5 a b", str(tmp_path.resolve())]


@pytest.mark.parametrize(
    ("gate", "code", "signal"),
    [("echo no >&2; exit 3", 3, None), ("kill -9 $$", None, 9), ("exit 127", 127, None)],
)
async def test_its_failure_is_that_of_the_attempt(
    hands: Hands, gate: str, code: int | None, signal: int | None
) -> None:
    end = await hands.run("true", gate=line(gate))
    assert (end.code, end.signal, end.why) == (code, signal, "gate")


async def test_a_gate_that_is_not_there(hands: Hands) -> None:
    end = await hands.run("true", gate=Check(argv=("no-such-check",)))
    assert (end.code, end.why) == (127, "gate")
    assert b"no-such-check" in await hands.log(end, "err")


async def test_a_folder_that_the_command_has_removed(hands: Hands, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    end = await hands.run("rmdir", str(place), cwd=str(place), gate=line("true"))
    assert (end.code, end.why) == (127, "gate")
    assert b"cannot enter" in await hands.log(end, "err")


@pytest.mark.parametrize("command", ["exit 4", "kill -9 $$"])
async def test_a_command_that_fails_needs_no_gate(hands: Hands, command: str) -> None:
    report = await hands.sh(command, gate=line("echo gate"))
    end = await hands.end(report)
    assert end.why is None
    assert await hands.log(report) == b""


async def test_both_are_one_attempt_for_whoever_looks(hands: Hands) -> None:
    report = await hands.sh("echo ready", gate=line("echo gate; exec sleep 60"))
    await hands.wait_log(report, b"gate")
    [now] = await hands.backend.adopt([report.attempt])
    assert now.state == "running"
    assert now.pid not in (None, report.pid)
    assert now.began_ms is not None
    assert list(await hands.backend.usage([report.attempt])) == [report.attempt]
    await hands.stop(report)
    end = await hands.end(report)
    assert (end.signal, end.why) == (15, "stop")


async def test_one_timeout_holds_for_both(hands: Hands) -> None:
    hard = await hands.start("true", gate=line("exec sleep 60"), hard_ms=300)
    soft = await hands.start("true", gate=line("exec sleep 60"), soft_ms=300)
    assert (await hands.end(hard)).why == "timeout"
    assert (await hands.end(soft)).why == "soft"


async def test_what_was_stopped_has_no_gate(hands: Hands) -> None:
    script = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done"
    report = await hands.sh(script, gate=line("echo gate"))
    await hands.wait_log(report, b"ready")
    await hands.stop(report)
    end = await hands.end(report)
    assert (end.code, end.why) == (0, "stop")
    assert await hands.log(report) == b"ready\n"


async def test_a_daemon_that_comes_later_finds_the_gate(make_hands: MakeHands) -> None:
    hands = await make_hands(EPOCH)
    report = await hands.sh("echo ready", gate=line("echo gate; read x; exit 5"))
    await hands.wait_log(report, b"ready")
    again = await make_hands(type(EPOCH)(EPOCH + 1))
    [found] = await again.backend.adopt([report.attempt])
    end = await again.end(found)
    assert (end.code, end.why) == (5, "gate")


async def test_it_runs_in_the_worktree(hands: Hands, tmp_path: Path, root: Path) -> None:
    repo = a_repository(tmp_path / "it's a repo")
    gate = line("cat made; pwd -P; echo $CRAB_WORKSPACE; echo $CRAB_REVISION; git status -s")
    report = await hands.sh("echo yes >made", gate=gate, workspace=Workspace(repo=str(repo)))
    end = await hands.end(report)
    at = git(repo, "rev-parse", "HEAD")
    assert (end.code, end.revision) == (0, at)
    place = str(root / "w" / report.attempt)
    lines = (await hands.log(report)).decode().splitlines()
    assert lines == ["yes", place, place, at, "?? made"]
    wait_until(lambda: worktrees(repo) == [])


async def test_context_and_result_are_there_for_both(hands: Hands) -> None:
    gate = line('cat "$CRAB_CONTEXT" >>"$CRAB_RESULT"')
    command = 'printf 1 >"$CRAB_RESULT"'
    report = await hands.sh(command, gate=gate, context="[2]", wants_result=True)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report, "result") == b"1[2]"
