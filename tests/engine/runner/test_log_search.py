"""Lines of a log are found where it lies: each once, however the log is cut into windows."""

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backends.texts import found_of
from engine.runner import log_search
from engine.runner.faults import BadRequestError
from engine.runner.host_words import of_found
from engine.runner.log_search import Found, Wanted, search, sieve
from engine.runner.logs import trim

LINES = st.lists(
    st.sampled_from([b"", b"needle", b"a Needle b", b"hay", b"\x1b[1mnee\x1b[0mdle"])
)


def starts_of(data: bytes) -> list[int]:
    starts = [0] if data else []
    return starts + [n + 1 for n in range(len(data) - 1) if data[n] == 10]


def windows(data: bytes, cuts: list[int], wanted: Wanted) -> list[Found]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    found = []
    for start, stop in pairwise(edges):
        before = max(start - 1, 0)
        found.append(sieve(data[before:], before, start, stop, wanted))
    return found


@given(LINES, st.booleans(), st.lists(st.integers(0, 500), max_size=6), st.booleans())
def test_windows_side_by_side_show_every_line_once(lines, ended, cuts, fold):
    data = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    wanted = Wanted(b"needle", fold)
    found = windows(data, cuts, wanted)
    assert sum(one.count for one in found) == len(starts_of(data))
    expected = []
    for start in starts_of(data):
        line = data[start:].partition(b"\n")[0]
        if wanted.is_in(line):
            expected.append((start, line))
    assert [(line.offset, line.data) for one in found for line in one.lines] == expected


@given(LINES, st.lists(st.integers(0, 500), max_size=6))
def test_lines_know_how_many_begin_before_them(lines, cuts):
    data = b"".join(line + b"\n" for line in lines)
    places, count = [], 0
    for one in windows(data, cuts, Wanted(b"")):
        places += [count + line.before for line in one.lines]
        count += one.count
    assert places == list(range(len(lines)))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4_000))
def test_a_file_is_searched_to_its_end_whatever_fits_in_an_answer(seed, step):
    dice = random.Random(seed)
    words = [b"x" * dice.randrange(3_000) + dice.choice([b"", b"needle"]) for _ in range(40)]
    folder = Path(__file__).parent / "no such folder"
    assert search(folder, "out", 0, 10, Wanted(b"")) == Found((), 0, 0, 0, 0, 0)
    data = b"\n".join(words)
    found, at = [], 0
    while at < len(data):
        before = max(at - 1, 0)
        stop = min(at + step, len(data))
        one = sieve(data[before:], before, at, stop, Wanted(b"needle"), room=2_000)
        assert one.next > at
        found += [line.data for line in one.lines]
        at = one.next
    assert found == [word for word in words if b"needle" in word]


def test_a_log_on_disk_is_searched_block_by_block(tmp_path, monkeypatch):
    monkeypatch.setattr(log_search, "BLOCK_BYTES", 100)
    lines = [b"line %d%s" % (n, b" needle" if n % 7 == 0 else b"") for n in range(200)]
    data = b"\n".join(lines) + b"\n"
    (tmp_path / "out").write_bytes(data)
    found = search(tmp_path, "out", 0, len(data), Wanted(b"needle"))
    assert [line.data for line in found.lines] == [line for line in lines if b"needle" in line]
    assert [line.before for line in found.lines] == list(range(0, 200, 7))
    assert (found.next, found.count, found.size) == (len(data), 200, len(data))
    for line in found.lines:
        assert data[line.offset :].startswith(line.data + b"\n")


def test_what_was_dropped_is_not_searched(tmp_path):
    data = b"".join(b"needle %05d\n" % n for n in range(2_000))
    (tmp_path / "out").write_bytes(data)
    gone = trim(tmp_path, "out", 16_384)
    found = search(tmp_path, "out", 0, len(data), Wanted(b"needle"))
    assert found.start == found.dropped == gone > 0
    assert found.lines[-1].data == b"needle 01999"
    assert found.lines[0].offset >= gone


def test_a_line_without_an_end_is_looked_at_as_far_as_is_said(tmp_path):
    far = log_search.LINE_BYTES
    (tmp_path / "out").write_bytes(b"a" * far + b"needle\nneedle\n")
    found = search(tmp_path, "out", 0, 10**9, Wanted(b"needle"))
    assert [line.offset for line in found.lines] == [far + 7]
    assert found.count == 2


@pytest.mark.parametrize("stream", ["life", "../x", ""])
def test_only_logs_are_searched(tmp_path, stream):
    with pytest.raises(BadRequestError):
        search(tmp_path, stream, 0, 1, Wanted(b""))


@given(LINES)
def test_an_answer_means_the_same_at_the_other_end(lines):
    data = b"\n".join(lines)
    found = sieve(data, 0, 0, len(data), Wanted(b""))
    assert found_of(found.start, found.size, found.dropped, of_found(found)) == found
