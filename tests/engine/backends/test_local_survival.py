"""Attempts of this machine outlive everything but their host."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from engine.backends.protocol import HostState, Report
from engine.errors import StartFailed
from engine.model.ids import AttemptId, Epoch
from tests.engine.backends.conftest import MakeHands
from tests.engine.backends.hands import Hands
from tests.kit.waiting import wait_until

FIRST = AttemptId("1-1-1")


def start_and_kill_the_starter(root: Path, script: str) -> int:
    """The job's pid; who started it was ended by SIGKILL."""
    command = [sys.executable, "-m", "tests.engine.backends.starter", str(root), script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        pid = int(starter.stdout.readline())
        starter.kill()
    return pid


def supervisor_of(root: Path, attempt: str) -> int:
    words = (root / "a" / attempt / "life").read_text().split("sup ")[1].split()
    return int(words[0])


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_a_job_outlives_its_daemon_and_is_adopted(
    make_hands: MakeHands, root: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    pid = start_and_kill_the_starter(root, f"until [ -e {go} ]; do sleep 0.02; done; exit 42")
    hands = await make_hands(Epoch(2))
    [found] = await hands.backend.adopt([FIRST])
    assert (found.state, found.pid) == (HostState.RUNNING, pid)
    go.touch()
    assert (await hands.end(found)).code == 42


async def test_an_end_that_nobody_saw_is_found(make_hands: MakeHands, root: Path) -> None:
    start_and_kill_the_starter(root, "echo done; exit 3")
    wait_until(lambda: (root / "a" / FIRST / "life").read_bytes().startswith(b"exit"))
    hands = await make_hands(Epoch(2))
    [found] = await hands.backend.adopt([FIRST])
    assert (found.state, found.code) == (HostState.EXITED, 3)
    assert await hands.log(found) == b"done\n"


async def test_a_new_backend_sees_the_end_too(make_hands: MakeHands) -> None:
    old = await make_hands(Epoch(1))
    report = await old.start("sleep", "60")
    await old.backend.close()
    new = await make_hands(Epoch(2))
    [found] = await new.backend.adopt([report.attempt])
    assert found.pid == report.pid
    await new.stop(found)
    assert (await new.end(found)).why == "stop"


async def test_an_orphan_is_seen_stopped_and_then_lost(hands: Hands, root: Path) -> None:
    report = await hands.start("sleep", "60")
    os.kill(supervisor_of(root, report.attempt), signal.SIGKILL)
    wait_until(lambda: not _lives(supervisor_of(root, report.attempt)))
    [found] = await hands.backend.foreign()
    assert found.state == HostState.ORPHAN
    await hands.stop(report)
    assert (await hands.end(report)).state == HostState.LOST


async def test_a_deadline_holds_without_supervisor(hands: Hands, root: Path) -> None:
    report = await hands.start("sleep", "60", hard_ms=500)
    os.kill(supervisor_of(root, report.attempt), signal.SIGKILL)
    assert (await hands.end(report)).state == HostState.LOST
    assert report.pid
    assert not _lives(report.pid)


async def test_both_gone_is_lost(hands: Hands, root: Path) -> None:
    report = await hands.start("sleep", "60")
    assert report.pid
    for pid in (supervisor_of(root, report.attempt), report.pid):
        os.kill(pid, signal.SIGKILL)
    end = await hands.end(report)
    assert (end.state, end.code, end.signal) == (HostState.LOST, None, None)


async def test_start_against_void_has_one_winner(make_hands: MakeHands, root: Path) -> None:
    """A new daemon voids what an old one is starting: it runs, or it never will."""
    old = await make_hands(Epoch(1))
    seen = set()
    for number in range(2, 42):
        order = old.order("touch", str(root.parent / f"ran-{number}"), epoch=Epoch(number))
        new = await make_hands(Epoch(number))
        (root / "a" / order.attempt).mkdir()  # claimed, and its daemon is slow
        spawned = _supervise(root, order.attempt, number) if number % 2 else None
        [found] = await new.backend.adopt([order.attempt])
        late = spawned or _supervise(root, order.attempt, number)
        late.wait()
        [settled] = await new.backend.adopt([order.attempt])
        ran = (root.parent / f"ran-{number}").exists()
        assert ran == (settled.state == HostState.EXITED), (found, settled)
        assert not (ran and found.state == HostState.VOID)
        seen.add(settled.state)
    assert HostState.VOID in seen


def _supervise(root: Path, attempt: str, epoch: int) -> subprocess.Popen[bytes]:
    folder = root / "a" / attempt
    (folder / "life").write_bytes(b" " * 47 + b"\n")
    ran = root.parent / f"ran-{epoch}"
    script = f"#crab grace=100\n#crab command touch\nenter /\nlaunch touch {ran}\n"
    (folder / "spec").write_text(script)
    [supervisor] = root.glob("sh-*/supervisor.sh")
    words = [str(folder), f"{epoch:010d}", "host/boot/1", "/usr/bin/setsid"]
    return subprocess.Popen(
        ["/bin/sh", str(supervisor), *words], env={}, stdout=subprocess.DEVNULL
    )


async def test_a_start_that_a_newer_epoch_overtook_does_not_run(
    hands: Hands, root: Path
) -> None:
    """The fence is looked at again after the gate was won."""
    (root / "a" / "9-1-7").mkdir()
    (root / "fence" / "0000000008").mkdir()
    _supervise(root, "9-1-7", 7).wait()
    [report] = await hands.backend.foreign()
    assert (report.state, report.why) == (HostState.EXITED, "fenced")
    assert not (root.parent / "ran-7").exists()


async def test_a_stop_that_came_first_wins(hands: Hands, root: Path) -> None:
    """A reason that is there before the job is: it does not run."""
    (root / "a" / "9-1-7").mkdir()
    (root / "a" / "9-1-7" / "why").write_text("stop .\n")
    _supervise(root, "9-1-7", 7).wait()
    [report] = await hands.backend.foreign()
    assert (report.state, report.why) == (HostState.EXITED, "stop")
    assert not (root.parent / "ran-7").exists()


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """`folder` as a filesystem of 256 KB, filled to the last byte."""
    folder.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small filesystem")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    try:
        with (folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"x" * 4096)
    except OSError:
        return


async def test_a_full_disk_refuses_starts_and_loses_no_end(
    make_hands: MakeHands, root: Path
) -> None:
    with full_disk(root):
        hands = await make_hands(Epoch(1))
        running = await hands.sh("echo ready; sleep 60 & wait")
        await hands.wait_log(running, b"ready")
        fill(root)
        with pytest.raises(StartFailed, match="No space left"):
            await hands.start("true", attempt=AttemptId("5-1-1"))
        assert [report.attempt for report in await hands.backend.foreign()] == [running.attempt]
        assert running.pid
        os.killpg(running.pid, signal.SIGTERM)
        assert (await hands.end(running)).signal == signal.SIGTERM
        (root / "ballast").unlink()
        again = await hands.start("true", attempt=AttemptId("5-1-1"))
        assert (await hands.end(again)).code == 0
        await hands.backend.close()


async def test_no_descriptor_of_ours_reaches_a_job(hands: Hands) -> None:
    report = await hands.start("ls", "/proc/self/fd")
    await hands.end(report)
    assert (await hands.log(report)).split() == [b"0", b"1", b"2", b"3"]  # 3: ls reading


async def test_descriptors_do_not_pile_up(hands: Hands) -> None:
    assert (await hands.run("true")).code == 0
    before = len(list(Path("/proc/self/fd").iterdir()))
    others = {child.pid for child in psutil.Process().children()}
    begun = await hands.backend.start([hands.order("true") for _ in range(20)])
    for report in begun:
        assert isinstance(report, Report)
        await hands.end(report)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert {child.pid for child in psutil.Process().children()} <= others


async def test_a_log_is_trimmed_while_it_grows(hands: Hands) -> None:
    report = await hands.sh("i=0; while :; do i=$((i+1)); echo $i; done")
    while (piece := await hands.backend.tail(report.attempt, "out", 0, 1)).dropped == 0:
        if piece.size > 200_000:
            assert await hands.backend.trim_logs(report.attempt, 100_000) > 0
    await hands.stop(report, grace_ms=0, signal="KILL")
    await hands.end(report)
    piece = await hands.backend.tail(report.attempt, "out", 0, 10)
    rest = b""
    while piece.offset + len(piece.data) < piece.size:
        at = piece.offset + len(piece.data)
        rest += piece.data
        piece = await hands.backend.tail(report.attempt, "out", at, 1 << 18)
    numbers = [int(line) for line in (rest + piece.data).split(b"\n")[1:-1]]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_supervisor_does_not_outlive_its_spool(hands: Hands, root: Path) -> None:
    """Nobody can ever read what it would write: it ends with its job."""
    report = await hands.start("sleep", "60")
    assert report.pid
    job = psutil.Process(report.pid)
    wait_until(lambda: job.name() == "sleep", what="it is past what it needs the spool for")
    supervisor = supervisor_of(root, report.attempt)
    shutil.rmtree(root / "a")
    os.kill(report.pid, signal.SIGKILL)
    wait_until(lambda: not _lives(supervisor))
