"""Attempts stand still and go on, whatever shell runs the runner's scripts."""

import os
import subprocess
from pathlib import Path

import psutil
import pytest

from engine.backends.protocol import HostState, Report
from engine.errors import InvalidSpec, StaleEpoch
from engine.model.ids import Epoch
from engine.runner import identity
from tests.engine.backends.conftest import MakeHands
from tests.engine.backends.hands import Hands
from tests.engine.backends.test_shells import hands, shell  # noqa: F401
from tests.kit.waiting import wait_until

TICKING = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done"


def stopped(pid: int) -> bool:
    """A parent in vfork waits for a child that was stopped before it could exec."""
    return psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_DISK_SLEEP)


async def pause(hands: Hands, report: Report, clocks_too: bool = False) -> Report:  # noqa: F811
    return await hands.backend.hold_still(report.attempt, hands.epoch, clocks_too=clocks_too)


async def resume(hands: Hands, report: Report) -> Report:  # noqa: F811
    return await hands.backend.go_on(report.attempt, hands.epoch)


async def test_a_paused_job_does_nothing_until_it_goes_on(hands: Hands) -> None:  # noqa: F811
    report = await hands.sh(TICKING)
    await hands.wait_log(report, b"2\n")
    assert (await pause(hands, report)).paused
    assert (await pause(hands, report)).paused
    assert report.pid
    wait_until(lambda: stopped(report.pid or 0))
    size = (await hands.backend.tail(report.attempt, "out", 0, 1)).size
    [found] = await hands.backend.foreign()
    assert (found.state, found.paused) == (HostState.RUNNING, True)
    assert (await hands.backend.tail(report.attempt, "out", 0, 1)).size == size
    assert not (await resume(hands, report)).paused
    assert not (await resume(hands, report)).paused
    await hands.wait_log(report, b"%d\n" % (size + 1))
    await hands.stop(report, grace_ms=200)


async def test_what_left_the_group_stands_still_too(hands: Hands) -> None:  # noqa: F811
    report = await hands.sh("setsid sleep 60 & echo ready $!; wait")
    await hands.wait_log(report, b"ready")
    escaped = int((await hands.log(report)).split()[1])
    wait_until(lambda: psutil.Process(escaped).name() == "sleep")
    await pause(hands, report)
    wait_until(lambda: stopped(escaped))
    await resume(hands, report)
    wait_until(lambda: not stopped(escaped))
    await hands.stop(report, grace_ms=200)
    await hands.end(report)


async def test_a_paused_job_can_be_asked_to_stop(hands: Hands) -> None:  # noqa: F811
    report = await hands.sh(
        "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done"
    )
    await hands.wait_log(report, b"ready")
    await pause(hands, report)
    await hands.stop(report, grace_ms=200)
    end = await hands.end(report)
    assert (end.code, end.why) == (3, "stop")
    assert b"bye" in await hands.log(report)


async def test_timeouts_end_a_paused_job(hands: Hands) -> None:  # noqa: F811
    hard = await hands.start("sleep", "60", hard_ms=500)
    soft = await hands.start("sleep", "60", soft_ms=500)
    for report in (hard, soft):
        await pause(hands, report)
    assert (await hands.end(hard)).why == "timeout"
    assert (await hands.end(soft)).why == "soft"


async def test_timeouts_stand_still_by_choice(hands: Hands) -> None:  # noqa: F811
    report = await hands.start("sleep", "60", hard_ms=600)
    await pause(hands, report, clocks_too=True)
    other = await hands.start("sleep", "1.5")
    assert (await hands.end(other)).code == 0
    [found, *_] = await hands.backend.foreign()
    assert (found.state, found.paused) == (HostState.RUNNING, True)
    await resume(hands, report)
    assert (await hands.end(report)).why == "timeout"


async def test_a_lease_does_not_stand_still(hands: Hands) -> None:  # noqa: F811
    report = await hands.start("sleep", "60", lease_ms=300)
    await pause(hands, report, clocks_too=True)
    assert (await hands.end(report)).why == "lease"


async def test_a_daemon_that_comes_later_finds_it_paused(make_hands: MakeHands) -> None:
    old = await make_hands(Epoch(1))
    report = await old.start("sleep", "60")
    await pause(old, report)
    await old.backend.close()
    new = await make_hands(Epoch(2))
    [found] = await new.backend.adopt([report.attempt])
    assert found.paused
    with pytest.raises(StaleEpoch):
        await new.backend.go_on(report.attempt, Epoch(1))
    assert not (await resume(new, report)).paused


async def test_only_what_runs_is_paused(make_hands: MakeHands, root: Path) -> None:
    hands = await make_hands(Epoch(1))  # noqa: F811
    report = await hands.start("true")
    await hands.end(report)
    ended = await pause(hands, report)
    assert (ended.state, ended.paused) == (HostState.EXITED, False)
    (root / "a" / "9-1-1").mkdir()
    with pytest.raises(InvalidSpec, match="claimed"):
        await hands.backend.hold_still(
            hands.order(attempt="9-1-1").attempt, Epoch(1), clocks_too=False
        )


async def test_another_process_of_the_same_pid_is_left_alone(
    make_hands: MakeHands, root: Path
) -> None:
    """The group is only told anything while its leader is provably the one on record."""
    hands = await make_hands(Epoch(1))  # noqa: F811
    report = await hands.start("sleep", "60")
    life = root / "a" / report.attempt / "life"
    ticks = int(report.pid_start or 0)  # of 10 ms; one that began in the same could not be told
    wait_until(lambda: identity.uptime_ms() // 10 > ticks + 1)
    with subprocess.Popen(["sleep", "60"], process_group=0) as bystander:
        old, new = f"job {report.pid} ", f"job {bystander.pid} "
        life.write_text(life.read_text().replace(old, new))
        await pause(hands, report)
        assert report.pid
        wait_until(lambda: stopped(report.pid or 0))  # by its mark
        assert not stopped(bystander.pid)
        os.kill(bystander.pid, 9)
