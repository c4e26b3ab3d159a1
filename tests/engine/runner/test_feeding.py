"""Pieces of a job's standard input are whole, in order, and few."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from engine.runner import feeding, identity, verbs
from engine.runner.faults import BadRequestError
from engine.runner.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(tmp_path / "spool")
    spool.prepare()
    folder = verbs.claim(spool, "1-1-1", 1, b"#crab open=1\n", lease=False)
    os.mkfifo(folder / "bell")
    (folder / "gate").write_text(f"run 0000000001 {identity.ident()} .\n")
    with (folder / "life").open("a") as life:  # an orphan: this very process
        life.write(f"job {os.getpid()} {identity.start_time(os.getpid())} .\n")
    return spool


def pieces(spool: Spool) -> list[bytes]:
    return [path.read_bytes() for path in sorted(spool.folder("1-1-1").glob("in.*"))]


def test_pieces_are_in_order_however_fast_they_come(spool: Spool) -> None:
    wanted = [b"%d" % number for number in range(feeding.WAITING)]
    for piece in wanted:
        assert feeding.feed(spool, "1-1-1", 1, piece, end=False) == len(piece)
    assert pieces(spool) == wanted


def test_none_is_taken_while_too_many_wait(spool: Spool) -> None:
    for _ in range(feeding.WAITING):
        feeding.feed(spool, "1-1-1", 1, b"x", end=False)
    assert feeding.feed(spool, "1-1-1", 1, b"late", end=True) == 0
    assert not (spool.folder("1-1-1") / "eof").exists()


def test_a_piece_has_a_bound(spool: Spool) -> None:
    with pytest.raises(BadRequestError, match="at most 65536"):
        feeding.feed(spool, "1-1-1", 1, b"x" * (feeding.PIECE_BYTES + 1), end=False)
    assert pieces(spool) == []


def test_a_full_bell_holds_nobody_up(spool: Spool) -> None:
    bell = os.open(spool.folder("1-1-1") / "bell", os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(bell, b"x" * 4096)
    assert feeding.feed(spool, "1-1-1", 1, b"x", end=False) == 1
    os.close(bell)
