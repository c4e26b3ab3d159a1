"""Lines that a search found: in order, bounded, and who reads them is told what moves."""

import pytest

from crabtui.data.logs import sifted as log_sifted
from crabtui.data.logs.sifted import LogSifted, Sifted


def some(*offsets):
    return [Sifted(at, b"%d" % at) for at in offsets]


def shown(sifted):
    return [sifted.start_of(place) for place in range(len(sifted))]


def test_what_is_older_moves_what_is_here():
    sifted = LogSifted()
    assert sifted.take(some(10, 20)) == 0
    assert sifted.take(some(30)) == 0
    assert sifted.take(some(1, 2, 10)) == 2
    assert shown(sifted) == [1, 2, 10, 20, 30]


def test_what_is_newer_moves_what_is_here_once_the_oldest_go(monkeypatch):
    monkeypatch.setattr(log_sifted, "MOST_LINES", 4)
    sifted = LogSifted()
    sifted.take(some(1, 2, 3))
    assert sifted.take(some(4, 5, 6)) == -2
    assert shown(sifted) == [3, 4, 5, 6]


@pytest.mark.parametrize("added", [some(1), some(9, 1)])
def test_lines_come_once(added):
    sifted = LogSifted()
    sifted.take(added)
    assert sifted.take(added) == 0
    assert len(sifted) == len(added)
