"""Going back and forth in time."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.events.density import ZOOMS
from crabtui.data.past.scrub import Scrub

S = 1_000_000
NOW = 1_795_000_015 * S

moves = st.lists(
    st.tuples(st.sampled_from(["move", "zoom", "size", "to"]), st.integers(-400, 400)),
    max_size=12,
)


@given(moves, st.sampled_from(ZOOMS))
def test_wherever_somebody_goes_the_moment_is_past_and_on_the_screen(some, bucket_s):
    scrub, now_at = Scrub(bucket_s=bucket_s), NOW
    for kind, number in some:
        now_at += 3 * S
        if kind == "move":
            scrub = scrub.moved(number, now_at)
        elif kind == "zoom":
            scrub = scrub.zoomed(max(min(number, 3), -3), now_at)
        elif kind == "size":
            scrub = scrub.resized(abs(number), now_at)
        else:
            scrub = scrub.to_moment(NOW + number * 20 * S, now_at)
        if scrub.is_live:
            assert scrub.last is None
            continue
        last = scrub.bucket_of(now_at) if scrub.last is None else scrub.last
        assert scrub.at < now_at
        assert last - scrub.count < scrub.bucket_of(scrub.at) <= last
        assert last <= scrub.bucket_of(now_at)


def test_one_step_back_from_now_is_the_end_of_the_bucket_before():
    back = Scrub().moved(-1, NOW)
    assert NOW - 30 * S <= back.at < NOW
    assert (back.at + 1) % (30 * S) == 0
    assert back.last is None
    assert back.moved(1, NOW).is_live


def test_forth_and_back_is_the_same_place():
    there = Scrub().moved(-17, NOW)
    assert there.moved(-10, NOW).moved(10, NOW).at == there.at


def test_the_screen_stays_while_the_moment_is_on_it_and_follows_it_beyond():
    here = Scrub(count=20).moved(-15, NOW)
    assert here.last is None
    beyond = here.moved(-10, NOW)
    assert beyond.last == beyond.bucket_of(beyond.at) + 19
    assert beyond.moved(5, NOW).last == beyond.last


def test_zooming_keeps_the_moment():
    here = Scrub().moved(-10, NOW)
    assert here.zoomed(1, NOW).at == here.at == here.zoomed(-2, NOW).at
    assert Scrub().zoomed(-1, NOW) == Scrub(bucket_s=60)


def test_live_is_now_with_nothing_kept():
    assert Scrub().moved(-100, NOW).live() == Scrub()
