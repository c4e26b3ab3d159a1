"""Lines of several logs: each whole, once, in the order of its own log; and when they came."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.logs.merged import Arrivals, LogMerged
from crabtui.data.logs.sifted import LogSifted, Sifted
from crabtui.data.logs.words import about, size_text

STEPS = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.binary(max_size=12).map(lambda b: b.replace(b"x", b"\n")),
        st.integers(0, 5),
    )
)  # fmt: skip


@given(STEPS)
def test_every_line_comes_once_and_in_order_though_bytes_come_twice(steps):
    merged, whole = LogMerged(), {"a": b"", "b": b""}
    for source, data, back in steps:
        again = max(len(whole[source]) - back, 0)
        whole[source] += data
        merged.take(source, whole[source][again:], again, 1)
    for source, data in whole.items():
        shown = [merged.line(n) for n in range(len(merged)) if merged.label(n) == source]
        assert shown == data.split(b"\n")[:-1]


def test_memory_is_bounded_and_keys_stay():
    merged = LogMerged(most_bytes=2_000, most_lines=10)
    gone = sum(merged.take("a", b"line %d\n" % n, merged.end_of("a"), n) for n in range(100))
    assert (len(merged), gone, merged.start_of(0)) == (10, 90, 90)
    assert (merged.line(0), merged.at(0), merged.number(0)) == (b"line 90", 90, 91)
    assert (merged.place_at(95), merged.place_at(3)) == (5, 0)
    merged.take("a", b"y" * 200_000, merged.end_of("a"), 1)
    assert len(merged) <= 1


def test_a_line_without_an_end_is_one_once_its_log_has_ended():
    merged = LogMerged()
    merged.take("a", b"last", 0, 1)
    assert len(merged) == 0
    merged.finish("a", 2)
    assert [merged.line(0)] == [b"last"]


def test_bytes_that_are_missing_end_a_line():
    merged = LogMerged()
    merged.take("a", b"beg", 0, 1)
    merged.take("a", b"after\n", 100, 1)
    assert [merged.line(n) for n in range(len(merged))] == [b"beg", b"after"]


def test_times_are_known_of_what_was_seen_to_come():
    arrivals = Arrivals(most=10)
    arrivals.note(100, 10, 5)
    arrivals.note(110, 10, 6)
    assert [arrivals.at(n) for n in (99, 100, 109, 110, 119, 120)] == [None, 5, 5, 6, 6, None]
    for n in range(50):
        arrivals.note(120 + n, 1, 10 + n)
    assert arrivals.at(169) == 59
    assert arrivals.at(100) is None


def test_what_was_sifted_keeps_the_order_of_the_log():
    sifted = LogSifted()
    assert sifted.take([Sifted(50, b"e"), Sifted(60, b"f")]) == 0
    assert sifted.take([Sifted(10, b"a"), Sifted(20, b"b"), Sifted(20, b"b")]) == 2
    assert sifted.take([Sifted(60, b"f"), Sifted(70, b"g")]) == 0
    assert [sifted.line(n) for n in range(len(sifted))] == [b"a", b"b", b"e", b"f", b"g"]
    assert sifted.place_at(55) == 2


def test_sizes_and_guesses_are_short():
    assert [size_text(n) for n in (1, 900, 1_434, 64 * 2**20)] == [
        "1 byte", "900 bytes", "1.4 kB", "64.0 MB",
    ]  # fmt: skip
    assert [about(n) for n in (812, 4_812, 4_812_000)] == ["~812", "~4.8 k", "~4.8 M"]
