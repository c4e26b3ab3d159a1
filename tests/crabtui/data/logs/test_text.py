"""The loaded part of a log is always whole lines of the true log, and bounded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crabtui.data.logs.text import LogText

PIECES = st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\x01", b"\n")), max_size=20)


def all_lines(text):
    return [text.line(place) for place in range(len(text))]


def true_lines(data):
    lines = data.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


@given(PIECES)
def test_lines_do_not_depend_on_how_the_bytes_came(pieces):
    text = LogText()
    for piece in pieces:
        text.append(piece, text.end)
    assert all_lines(text) == true_lines(b"".join(pieces))


@given(PIECES, st.integers(0, 100))
def test_bytes_that_come_twice_count_once(pieces, back):
    text = LogText()
    whole = b""
    for piece in pieces:
        again = max(len(whole) - back, 0)
        whole += piece
        text.append(whole[again:], again)
    assert all_lines(text) == true_lines(whole)


@settings(max_examples=50)
@given(st.lists(st.binary(min_size=1, max_size=200), max_size=60))
def test_memory_is_bounded_and_what_is_kept_is_the_end(pieces):
    text, whole, lines_gone = LogText(most_bytes=1000), b"", 0
    for piece in pieces:
        lines_gone += text.append(piece + b"\n", text.end)
        whole += piece + b"\n"
        assert text.end - text.base <= 1000
        assert text.end == len(whole)
        assert all_lines(text) == true_lines(whole[text.base :])
    assert lines_gone + len(text) == len(true_lines(whole))


def test_a_line_without_end_is_bounded_too():
    text = LogText(most_bytes=1000)
    for _ in range(50):
        text.append(b"x" * 100, text.end)
    assert (len(text), text.end) == (1, 5000)
    assert len(text.line(0)) <= 1000


@given(st.lists(st.sampled_from([b"a\n", b"bb\n", b"\n", b"ccc"]), min_size=2), st.data())
def test_older_bytes_join_at_the_front(pieces, data):
    whole = b"".join(pieces)
    cut = data.draw(st.integers(1, max(len(whole) - 1, 1)))
    text = LogText()
    text.append(whole[cut:], cut)
    before = len(text)
    added = text.prepend(whole[:cut], 0)
    assert all_lines(text) == true_lines(whole)
    assert before + added >= len(text) - 1


def test_a_gap_starts_afresh():
    text = LogText()
    text.append(b"one\ntwo\n", 0)
    assert text.append(b"far\n", 100) == 2
    assert (all_lines(text), text.base) == ([b"far"], 100)


@given(PIECES, st.integers(0, 600), st.integers(0, 600))
def test_lines_are_numbered_wherever_the_window_lies(pieces, one, other):
    whole = b"".join(pieces)
    start, cut = sorted((one % (len(whole) + 1), other % (len(whole) + 1)))
    text = LogText(most_bytes=200)
    text.append(whole[cut:], cut)
    if is_known := len(text) > 0:
        text.know(text.base, whole[: text.base + 1].count(b"\n", 0, text.base))
    text.prepend(whole[start:cut], start)
    for place in range(len(text)):
        assert text.number(place) in (None, whole.count(b"\n", 0, text.start_of(place)) + 1)
    assert text.first is not None or not is_known
