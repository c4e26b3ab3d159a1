"""One piece of the log at hand, grown at both ends, never longer than it may be."""

from crabtui.data.events.book import MOST, EventBook, first_book
from engine.model.events import Event, EventType
from engine.model.ids import Seq


def some(first: int, last: int) -> list[Event]:
    """Events oldest first, as pages are."""
    return [Event(seq=Seq(n), at=n, type=EventType.JOB_STARTED) for n in range(first, last + 1)]


def seqs(book: EventBook) -> list[int]:
    return [event.seq for event in book.events]


def test_pages_join_without_gap_or_repeat() -> None:
    book = first_book(some(8, 9), 9, 8, is_whole=False)
    book = book.older(some(5, 7), 5, is_whole=False)
    book = book.newer(some(9, 11), 11)
    assert seqs(book) == [11, 10, 9, 8, 7, 6, 5]
    assert (book.looked_down_to, book.looked_up_to, book.has_older) == (5, 11, True)
    assert not book.older(some(1, 4), 0, is_whole=True).has_older


def test_a_look_that_finds_nothing_is_a_look() -> None:
    book = first_book([], 900, 500, is_whole=False)
    assert (book.looked_down_to, book.looked_up_to) == (500, 900)
    assert book.older([], 100, is_whole=False).looked_down_to == 100
    assert book.newer([], 950).looked_up_to == 950


def test_what_is_far_from_the_reader_is_let_go() -> None:
    book = first_book(some(10_001, 10_001 + MOST - 1), 12_000, 10_001, is_whole=False)
    back = book.older(some(9_990, 10_000), 9_990, is_whole=False)
    assert len(back.events) == MOST
    assert back.looked_up_to == back.events[0].seq == 10_001 + MOST - 12
    assert back.has_newer
    assert back.newer(some(12_001, 12_002), 12_002) is back  # there would be a gap
    forth = book.newer(some(12_001, 12_010), 12_010)
    assert len(forth.events) == MOST
    assert forth.looked_down_to == forth.events[-1].seq == 10_011
    assert forth.has_older


def test_who_reads_further_down_loses_nothing_to_what_is_new() -> None:
    book = first_book(some(10_001, 10_001 + MOST - 1), 12_000, 10_001, is_whole=False)
    kept = book.newer(some(12_001, 12_010), 12_010, is_read_below=True)
    assert (kept.events, kept.has_newer) == (book.events, True)
    little = first_book(some(1, 5), 5, 1, is_whole=True)
    assert seqs(little.newer(some(6, 6), 6, is_read_below=True)) == [6, 5, 4, 3, 2, 1]
