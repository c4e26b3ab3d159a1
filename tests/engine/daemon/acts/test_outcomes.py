"""What became of each object of an act: told as it was, in pages, refusals first."""

from hypothesis import given
from hypothesis import strategies as st

from engine.control.views import Result
from engine.daemon.acts.outcomes import KINDS, MANY, Outcomes

IDS = st.integers(1, 2**62)


@st.composite
def results(draw: st.DrawFn) -> Result:
    id_ = draw(st.one_of(IDS, st.sampled_from(["gpu", "local"])))
    if draw(st.booleans()):
        states = st.sampled_from(["queued", "canceled", None])
        return Result(id=id_, ok=True, was=draw(states), now=draw(states))
    of = f"#{id_}" if isinstance(id_, int) else id_
    why = draw(st.sampled_from([f"{of} has ended", "not now", f"it waits for #{id_}1", ""]))
    return Result(id=id_, ok=False, was="running", error=why)


@given(st.lists(results(), max_size=40), st.integers(0, 50), st.integers(0, 50))
def test_pages_hold_all_of_them_as_they_were(some: list[Result], at: int, limit: int) -> None:
    outcomes = Outcomes()
    for one in some:
        outcomes.add(one)
    told = outcomes.page(0, 1_000)
    assert sorted(map(repr, told)) == sorted(map(repr, some))
    assert [one.ok for one in told] == sorted(one.ok for one in some)
    assert outcomes.page(at, limit) == told[at : at + limit]
    assert outcomes.page(0, 1_000, refused=True) == [one for one in told if not one.ok]
    assert outcomes.number == len(some)


def test_very_many_reasons_become_one() -> None:
    outcomes = Outcomes()
    for number in range(KINDS + 10):
        outcomes.add(Result(id=number + 1, ok=False, error=f"reason {number * 7919}"))
    told = outcomes.page(0, KINDS + 10)
    assert len(told) == KINDS + 10
    assert [one.error for one in told[-10:]] == [MANY] * 10
