"""Bad lines, short: real sshd, every phase of a job, partitions longer than a lease."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.control.messages import FollowLog
from tests.kit.sshd import SSHD
from tests.kit.waiting import pause
from tests.torture import book
from tests.torture.cuts import cuts
from tests.torture.far import TTL_S, Far, Workers
from tests.torture.silence import partitions

pytestmark = pytest.mark.torture
needs_sshd = pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine")


@needs_sshd
def test_cut_lines_lose_double_and_fail_nothing(tmp_path: Path) -> None:
    report, counts = cuts(tmp_path, cuts=12, kills=1, seed=20_26)
    assert report.faults == []
    assert report.jobs >= 12
    assert counts.total() == 12 + 1


@needs_sshd
def test_silence_longer_than_a_lease_fails_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report, counts = partitions(tmp_path, keep=1, replace=1, seed=4)
    assert report.faults == []
    assert counts["partitions with keep"] == 1


@needs_sshd
def test_a_log_that_is_followed_is_whole_although_its_line_breaks(tmp_path: Path) -> None:
    far = Far(tmp_path / "far", "far")
    script = "n=0; while [ $n -lt 300 ]; do echo line $n; n=$((n+1)); sleep 0.01; done"
    with Workers(tmp_path, [far]) as workers, ThreadPoolExecutor() as threads:
        workers.daemon.submit({"command": ["/bin/sh", "-c", script]})
        workers.daemon.wait_state(1, "running")
        following = threads.submit(_followed, workers, 1)
        for _ in range(3):
            pause(0.4)
            far.proxy.cut()
        far.proxy.stall()
        pause(1.2 * TTL_S)
        far.proxy.mend()
        assert following.result(60).decode() == "".join(f"line {n}\n" for n in range(300))


def _followed(workers: Workers, job: int) -> bytes:
    with workers.daemon.client() as client:
        return b"".join(chunk.data for chunk in client.stream(FollowLog(id=job)))


def test_the_book_finds_two_runs_at_once_of_what_was_replaced() -> None:
    told = "a 1-1-1 start\na 1-1-1 beat\na 1-2-1 start\na 1-1-1 beat\na 1-2-1 end\n"
    assert book.replaced(book.read(told)["a"]) == [
        "a: 1-1-1 wrote `beat` after ['1-2-1'] had begun"
    ]


def test_the_book_has_nothing_against_a_run_that_was_ended_before_the_next() -> None:
    told = "a 1-1-1 start\na 1-1-1 beat\na 1-2-1 start\na 1-2-1 beat\na 1-2-1 end\n"
    assert book.replaced(book.read(told)["a"]) == []


def test_the_book_finds_that_nothing_or_too_much_came_to_its_end() -> None:
    twice = "a 1-1-1 start\na 1-1-1 end\na 1-2-1 start\na 1-2-1 end\n"
    [fault] = book.replaced(book.read(twice)["a"])
    assert "only the last" in fault
    assert book.replaced(book.read("a 1-1-1 start\n")["a"])
