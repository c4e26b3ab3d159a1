"""The crash test, short: fifteen kills, nothing lost, nothing doubled, all true, all whole."""

from pathlib import Path

import pytest

from tests.torture import book
from tests.torture.storm import storm


@pytest.mark.torture
def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    report = storm(tmp_path, cycles=15, seed=20_26)
    assert report.faults == []
    assert report.jobs == 15 * 6


def test_the_book_finds_two_at_once() -> None:
    lines = book.read("a 1-1-1 start\na 1-2-2 start\na 1-1-1 end\na 1-2-2 end\n")["a"]
    assert "a: 1-2-2 started while 1-1-1 was running" in book.faults(lines, 2)


def test_the_book_finds_one_attempt_run_twice() -> None:
    twice = "a 1-1-1 start\na 1-1-1 end\n" * 2
    assert "a: 1-1-1 ran twice" in book.faults(book.read(twice)["a"], 2)


def test_the_book_finds_what_never_ran_or_ended() -> None:
    assert book.faults([], 1) == ["ran 0 times instead of 1: []"]
    assert "1-1-1 never ended" in book.faults([("a", "1-1-1", "start")], 1)


def test_the_book_has_nothing_against_a_retry() -> None:
    text = "a 1-1-1 start\na 1-1-1 end\na 1-2-3 start\na 1-2-3 end\n"
    assert book.faults(book.read(text)["a"], 2) == []
