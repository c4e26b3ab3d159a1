"""Bad lines, short: real sshd, every phase of a job, partitions longer than a lease."""

from pathlib import Path

import pytest

from tests.kit.sshd import SSHD
from tests.torture import book
from tests.torture.cuts import cuts
from tests.torture.silence import partitions

pytestmark = pytest.mark.torture
needs_sshd = pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine")


@needs_sshd
def test_cut_lines_lose_double_and_fail_nothing(tmp_path: Path) -> None:
    report, counts = cuts(tmp_path, cuts=15, kills=1, seed=20_26)
    assert report.faults == []
    assert report.jobs >= 15
    assert counts.total() == 15 + 1


@needs_sshd
def test_silence_longer_than_a_lease_fails_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report, counts = partitions(tmp_path, keep=1, replace=1, seed=4)
    assert report.faults == []
    assert counts["partitions with keep"] == 1


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
