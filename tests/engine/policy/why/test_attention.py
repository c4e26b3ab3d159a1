"""The order of what wants attention, and how long somebody's word keeps it down."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.attention import Matter
from engine.policy.why.attention import (
    HOUR_US,
    KEPT,
    acknowledged,
    marked,
    ranked,
    steady,
    withdrawn,
)

NOW = 10**15

matters = st.builds(
    Matter,
    key=st.sampled_from([f"k{n}" for n in range(12)]),
    rank=st.integers(1, 7),
    kind=st.just("queue"),
    subject=st.just("q"),
    text=st.just(""),
    affected=st.integers(0, 50),
    since_at=st.none() | st.integers(0, 99),
)
lists = st.lists(matters, max_size=12, unique_by=lambda matter: matter.key)


def a_matter(key: str = "queue:gpu", rank: int = 5, affected: int = 10) -> Matter:
    return Matter(
        key=key, rank=rank, kind="queue", subject="gpu", text="paused", affected=affected
    )


def test_rank_goes_first_then_the_affected_then_the_oldest() -> None:
    some = [
        replace(a_matter("a", 5, 3), since_at=5),
        replace(a_matter("b", 5, 3), since_at=4),
        a_matter("c", 5, 9),
        a_matter("d", 2, 0),
        a_matter("e", 5, 3),
    ]
    assert [one.key for one in ranked(some)] == ["d", "c", "b", "a", "e"]


@given(lists)
def test_ranking_is_total_and_loses_nothing(some: list[Matter]) -> None:
    found = ranked(some)
    assert sorted(one.key for one in found) == sorted(one.key for one in some)
    assert [one.rank for one in found] == sorted(one.rank for one in some)
    assert ranked(reversed(some)) == found


@given(lists, lists)
def test_what_was_in_sight_keeps_its_order(before: list[Matter], now: list[Matter]) -> None:
    shown = [one.key for one in ranked(before)]
    found = [one.key for one in steady(ranked(now), shown)]
    assert sorted(found) == sorted(one.key for one in now)
    stayed = [key for key in found if key in shown]
    assert stayed == [key for key in shown if key in found]


@given(lists)
def test_with_nothing_in_sight_the_ranking_stands(some: list[Matter]) -> None:
    assert steady(ranked(some), []) == ranked(some)


def known_of(matter: Matter) -> Matter:
    """The same matter as it is told after somebody acknowledged it."""
    [told] = marked([matter], acknowledged({}, matter, "ana", NOW), NOW)
    return told


def test_what_is_acknowledged_sinks_below_all_else() -> None:
    worst = a_matter("engine", 1)
    known = acknowledged({}, worst, "ana", NOW)
    found = ranked(marked([worst, a_matter("b", 7)], known, NOW))
    assert [one.key for one in found] == ["b", "engine"]
    assert found[1].acknowledged_by == "ana"
    assert found[1].acknowledged_until_at == NOW + HOUR_US


def test_it_comes_back_after_an_hour_when_worse_and_when_doubled() -> None:
    seen = a_matter(rank=5, affected=10)
    known = acknowledged({}, seen, "ana", NOW)

    def is_known(matter: Matter, at: int = NOW) -> bool:
        return bool(marked([matter], known, at)[0].acknowledged_by)

    assert is_known(seen, NOW + HOUR_US - 1)
    assert not is_known(seen, NOW + HOUR_US)
    assert is_known(a_matter(rank=7, affected=19))
    assert not is_known(a_matter(rank=5, affected=20))
    assert not is_known(a_matter(rank=4, affected=10))


def test_what_affected_nobody_comes_back_with_two() -> None:
    seen = a_matter(affected=0)
    known = acknowledged({}, seen, "ana", NOW)
    assert marked([a_matter(affected=1)], known, NOW)[0].acknowledged_by
    assert not marked([a_matter(affected=2)], known, NOW)[0].acknowledged_by


def test_taking_it_back_brings_it_up_again() -> None:
    known = acknowledged({}, a_matter(), "ana", NOW)
    assert withdrawn(known, {"queue:gpu"}) == {}
    assert withdrawn(known, {"other"}) == known


def test_acknowledgements_stay_few() -> None:
    known = {}
    for n in range(KEPT + 20):
        known = acknowledged(known, a_matter(f"k{n}"), "ana", NOW + n)
    assert len(known) == KEPT
    assert f"k{KEPT + 19}" in known
    assert list(acknowledged(known, a_matter("z"), "ana", NOW + 2 * HOUR_US)) == ["z"]
