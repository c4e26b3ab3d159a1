"""Flights: who computes a key, who waits for whom, and who has to look again."""

from typing import Any

from msgspec.structs import replace

from engine.ledger.memory import flights as module
from engine.ledger.memory.flights import Flights
from engine.model.job import Job
from engine.model.keeping import Memo
from engine.model.states import State
from engine.policy.reuse import Turn
from tests.kit.build import a_job


def a_memo_job(number: int, **fields: Any) -> Job:
    return a_job(id=number, memo=Memo(ttl_ms=1000), **fields)


def looked(flights: Flights, *numbers: int, key: bytes = b"k") -> list[Job]:
    """Jobs for which nothing was found under a key."""
    jobs = [a_memo_job(number) for number in numbers]
    for job in jobs:
        flights.look(job, key)
    return jobs


def test_the_first_that_is_granted_is_waited_for() -> None:
    flights = Flights()
    one, two = looked(flights, 1, 2)
    assert flights.turn(two) is Turn.RUN
    flights.take_off(two)
    assert flights.turn(one) is Turn.WAIT
    assert flights.waits == {1: 2}
    assert flights.turn(two) is Turn.RUN


def test_who_has_no_key_is_waited_for_by_nobody() -> None:
    flights = Flights()
    one, two = looked(flights, 1, 2, key=b"")
    flights.take_off(one)
    assert flights.turn(two) is Turn.RUN


def test_when_it_lands_all_of_its_key_look_again_and_who_waited_goes_on() -> None:
    flights = Flights()
    one, two, three = looked(flights, 1, 2, 3)
    [other] = looked(flights, 4, key=b"other")
    flights.take_off(one)
    assert flights.turn(two) is Turn.WAIT
    flights.land(one.id)
    assert (flights.take_freed(), flights.take_freed(), dict(flights.waits)) == ([2], [], {})
    assert [flights.turn(job) for job in (two, three, other)] == [
        Turn.LOOK, Turn.LOOK, Turn.RUN,
    ]  # fmt: skip


def test_another_version_of_a_job_is_looked_for_again() -> None:
    flights = Flights()
    [one] = looked(flights, 1)
    changed = one.with_progress(replace(one.now, version=one.now.version + 1))
    assert flights.turn(changed) is Turn.LOOK
    assert not flights.has_looked(changed)


def test_it_lands_as_soon_as_it_is_not_worth_waiting_for() -> None:
    flights = Flights()
    one, two = looked(flights, 1, 2)
    flights.take_off(one)
    flights.turn(two)
    flights.hear(a_memo_job(1, state=State.RUNNING))
    assert not flights.has_freed
    flights.hear(a_memo_job(1, state=State.RUNNING, now={"unreachable_at": 1}))
    assert flights.take_freed() == [2]
    assert flights.in_flight() == []


def test_who_waits_and_ends_is_forgotten() -> None:
    flights = Flights()
    one, two = looked(flights, 1, 2)
    flights.take_off(one)
    flights.turn(two)
    flights.hear(a_memo_job(2, state=State.CANCELED))
    assert not flights.waits
    flights.land(one.id)
    assert flights.take_freed() == []


def test_beyond_the_bound_nobody_waits(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    flights = Flights()
    one, two, three = looked(flights, 1, 2, 3)
    flights.take_off(one)
    assert [flights.turn(job) for job in (two, three, two)] == [
        Turn.WAIT, Turn.RUN, Turn.WAIT,
    ]  # fmt: skip
    flights.take_off(three)
    assert flights.in_flight() == [1]


def test_what_is_remembered_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_LOOKED", 2)
    flights = Flights()
    one, two, three = looked(flights, 1, 2, 3)
    assert [flights.has_looked(job) for job in (one, two, three)] == [False, True, True]
