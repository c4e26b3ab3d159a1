"""The loaded part of a log is always whole lines of the true log, and bounded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crabtui.data.log_search import LogSearch
from crabtui.data.log_text import LogText

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


def search_all(search):
    while not search.is_done:
        search.step()
    return list(search.found)


def test_search_finds_lines_whatever_their_case_and_colours():
    text = LogText()
    text.append(b"Error one\nfine\n\x1b[31mer\x1b[0mror two\nlast", 0)
    assert search_all(LogSearch("ERROR", text)) == [0, 15]


def test_search_goes_on_with_what_is_added():
    text = LogText()
    text.append(b"hit 1\nhi", 0)
    search = LogSearch("hit", text)
    assert search_all(search) == [0]
    text.append(b"t 2\nmore\nhit 3\n", text.end)
    assert search_all(search) == [0, 6, 17]
    assert (search.after(6), search.before(6), search.after(17)) == (17, 0, 0)
    assert search.counted(6, is_whole=True) == "2/3"
    assert search.counted(None, is_whole=False) == "3+"


@settings(max_examples=30)
@given(st.lists(st.sampled_from([b"needle", b"hay", b"x" * 5000]), max_size=200))
def test_search_in_slices_misses_nothing(words):
    text = LogText()
    text.append(b"".join(word + b"\n" for word in words), 0)
    assert len(search_all(LogSearch("needle", text))) == words.count(b"needle")
