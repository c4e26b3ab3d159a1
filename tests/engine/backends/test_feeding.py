"""Jobs are fed while they run, whatever shell runs the runner's scripts."""

import os
import shutil
import signal
from pathlib import Path

import psutil
import pytest

from engine.backends.protocol import Report
from engine.errors import InvalidSpec, StaleEpoch
from engine.model.ids import Epoch
from engine.runner.feeding import PIECE_BYTES, WAITING
from tests.engine.backends.conftest import MakeHands
from tests.engine.backends.hands import Hands
from tests.engine.backends.test_local_survival import supervisor_of
from tests.engine.backends.test_shells import hands, shell  # noqa: F401
from tests.kit.processes import job_processes
from tests.kit.waiting import wait_until


async def feed(hands: Hands, report: Report, data: bytes = b"", end: bool = False) -> int:  # noqa: F811
    return await hands.backend.feed(report.attempt, hands.epoch, data, end=end)


async def test_what_is_fed_arrives_in_order_and_ends(hands: Hands) -> None:  # noqa: F811
    report = await hands.start("cat", open_stdin=True)
    for number in range(10):
        assert await feed(hands, report, b"%d \xff\0\n" % number) == 5
    await hands.wait_log(report, b"9")
    assert await feed(hands, report, b"late", end=True) == 4
    assert (await hands.end(report)).code == 0
    wanted = b"".join(b"%d \xff\0\n" % number for number in range(10)) + b"late"
    assert await hands.log(report) == wanted


async def test_a_piece_that_is_sent_again_arrives_once(hands: Hands) -> None:  # noqa: F811
    report = await hands.start("cat", open_stdin=True)
    pieces = [(7, b"one ", False), (7, b"one ", False), (8, b"two ", False), (9, b"end", True)]
    for piece, data, end in (*pieces, pieces[-1]):
        feeding = hands.backend.feed(report.attempt, hands.epoch, data, end=end, piece=piece)
        assert await feeding == len(data)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report) == b"one two end"


async def test_text_of_the_order_comes_first(hands: Hands) -> None:  # noqa: F811
    text = "first\n" * 15_000  # more than a pipe takes in
    report = await hands.sh("sleep 0.2; cat", stdin=text, open_stdin=True)
    await feed(hands, report, b"second", end=True)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report) == text.encode() + b"second"


async def test_without_food_it_waits_and_can_be_stopped(hands: Hands, tmp_path: Path) -> None:  # noqa: F811
    report = await hands.start("cat", open_stdin=True)
    await hands.stop(report, grace_ms=200)
    assert (await hands.end(report)).why == "stop"
    await hands.backend.tidy([report.attempt])
    assert not (tmp_path / "spool" / "a" / report.attempt).exists()
    wait_until(lambda: not job_processes(tmp_path))


async def test_who_does_not_read_holds_nobody_up(hands: Hands) -> None:  # noqa: F811
    report = await hands.start("sleep", "60", open_stdin=True)
    piece = b"x" * PIECE_BYTES
    taken = [await feed(hands, report, piece) for _ in range(WAITING + 4)]
    assert taken[0] == PIECE_BYTES
    assert taken[-1] == 0
    await hands.stop(report, grace_ms=200)
    await hands.end(report)


async def test_who_closed_its_input_is_not_fed(hands: Hands, tmp_path: Path) -> None:  # noqa: F811
    report = await hands.sh("exec <&-; exec sleep 60", open_stdin=True)
    deaf = tmp_path / "spool" / "a" / report.attempt / "deaf"
    wait_until(lambda: Path(f"/proc/{report.pid}/exe").resolve().name != "sh")
    wait_until(lambda: not Path(f"/proc/{report.pid}/fd/0").exists())
    await feed(hands, report, b"x")
    wait_until(deaf.exists)
    with pytest.raises(InvalidSpec, match="closed"):
        await feed(hands, report, b"x")
    await hands.stop(report, grace_ms=200)


async def test_no_process_outlives_a_killed_supervisor(hands: Hands, tmp_path: Path) -> None:  # noqa: F811
    report = await hands.start("cat", open_stdin=True)
    os.kill(supervisor_of(tmp_path / "spool", report.attempt), signal.SIGKILL)
    assert await feed(hands, report, b"still\n") == 6
    await hands.wait_log(report, b"still")
    await hands.stop(report, grace_ms=0, signal="KILL")
    wait_until(lambda: not psutil.pid_exists(report.pid or 0))
    await hands.backend.tidy([report.attempt])
    wait_until(lambda: not job_processes(tmp_path))


async def test_a_feeder_that_was_left_behind_is_ended(
    make_hands: MakeHands, root: Path
) -> None:
    hands = await make_hands(Epoch(1))  # noqa: F811
    report = await hands.start("cat", open_stdin=True)
    os.kill(supervisor_of(root, report.attempt), signal.SIGKILL)
    os.kill(report.pid or 0, signal.SIGKILL)
    assert (await hands.end(report)).state == "lost"
    await hands.backend.tidy([report.attempt])
    folder = str(root / "a" / report.attempt)
    wait_until(lambda: not any(folder in p.cmdline() for p in job_processes(root.parent)))


async def test_feeding_goes_on_after_the_daemon_died(make_hands: MakeHands) -> None:
    old = await make_hands(Epoch(1))
    report = await old.start("cat", open_stdin=True)
    assert await feed(old, report, b"one ") == 4
    await old.backend.close()
    new = await make_hands(Epoch(2))
    await new.backend.adopt([report.attempt])
    with pytest.raises(StaleEpoch):
        await new.backend.feed(report.attempt, Epoch(1), b"no", end=False)
    assert await feed(new, report, b"two", end=True) == 3
    assert (await new.end(report)).code == 0
    assert await new.log(report) == b"one two"


async def test_what_cannot_be_fed_says_why(make_hands: MakeHands) -> None:
    hands = await make_hands(Epoch(1))  # noqa: F811
    closed = await hands.start("sleep", "60")
    with pytest.raises(InvalidSpec, match="not kept open"):
        await feed(hands, closed, b"x")
    still = await hands.start("sleep", "60", open_stdin=True)
    await feed(hands, still, b"x", end=True)
    assert await feed(hands, still, end=True) == 0
    with pytest.raises(InvalidSpec, match="has ended"):
        await feed(hands, still, b"x")
    done = await hands.run("true", open_stdin=True)
    with pytest.raises(InvalidSpec, match="nobody reads"):
        await feed(hands, done, b"x")


async def test_a_spool_that_went_takes_its_feeder_along(
    make_hands: MakeHands, root: Path
) -> None:
    hands = await make_hands(Epoch(1))  # noqa: F811
    report = await hands.start("cat", stdin="x", open_stdin=True)
    await hands.wait_log(report, b"x")
    shutil.rmtree(root / "a")
    os.kill(report.pid or 0, signal.SIGKILL)
    wait_until(lambda: not job_processes(root.parent))
