"""How many calls a pool takes ahead: as many as are soon done, and none that take long."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from engine.backends.pool.pace import AHEAD_S, MOST_TAKEN, Pace
from engine.backends.pool.pool import STALLED_S, Pool, Said
from engine.backends.pool.process import Process
from engine.backends.pool.running import Running
from engine.backends.pool.sizing import KINDS
from engine.backends.protocol import Order
from engine.clock import ManualClock
from engine.model.calls import Call
from engine.model.ids import AttemptId, Epoch
from engine.tools.frames import Ended, Ends, Invoke, Told

PLACES = 8


def _ahead(pace: Pace, size: int = PLACES, most: int = PLACES) -> int:
    sizes, all_ = dict.fromkeys(KINDS, size), dict.fromkeys(KINDS, most)
    return pace.ahead(sizes, all_).get("io", 0)


def _known(seconds: float) -> Pace:
    pace = Pace()
    pace.ended("io", seconds)
    return pace


def test_of_an_unknown_kind_nothing_is_taken_ahead() -> None:
    pace = Pace()
    pace.ended("cpu", 0.001)
    assert _ahead(pace) == 0


@given(st.floats(0, 100), st.integers(1, 600), st.integers(1, 600))
def test_no_more_is_taken_than_is_soon_done(seconds: float, size: int, most: int) -> None:
    ahead = _ahead(_known(seconds), min(size, most), most)
    assert 0 <= ahead <= max(0, MOST_TAKEN - most)
    assert ahead % most == 0
    assert not ahead or (ahead + most) * seconds / size <= AHEAD_S * 1.001


def test_one_long_call_stops_it_for_a_while() -> None:
    pace = _known(0.001)
    assert _ahead(pace) == MOST_TAKEN - PLACES
    pace.ended("io", 60.0)
    assert _ahead(pace) == 0
    for _ in range(100):
        pace.ended("io", 0.001)
    assert _ahead(pace) == MOST_TAKEN - PLACES


class OneProcess:
    """Runs what it is told to until it is told that it has ended."""

    role, pid, is_ready, is_retired, was_killed = "shared", 1, True, False, False

    def __init__(self, said: Said) -> None:
        self.calls: set[str] = set()
        self.begun: list[str] = []
        self._said = said

    def tell(self, message: Told) -> None:
        assert isinstance(message, Invoke)
        self.begun += [call.id for call in message.calls]

    def end(self, ids: Sequence[str]) -> None:
        self._said(cast(Process, self), Ends(tuple(Ended(id_, b"1") for id_ in ids)))


class Bench:
    """A pool with a clock of its own."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.number = 0
        self.process: OneProcess
        most: Mapping[str, int] = dict.fromkeys(KINDS, PLACES)
        self.pool = Pool(self._spawn, self.clock, str, most)

    def _spawn(self, _: str, said: Said, __: Any) -> Process:
        self.process = OneProcess(said)
        return cast(Process, self.process)

    def take(self, number: int) -> None:
        numbers = range(self.number, self.number + number)
        self.number += number
        self.pool.take([self._call(AttemptId(f"{one}-1-1")) for one in numbers])

    def _call(self, attempt: AttemptId) -> Running:
        order = Order(attempt=attempt, epoch=Epoch(1), call=Call(tool="noop"))
        return Running(order=order, kind="io", pid=0)


async def test_a_pool_of_brief_calls_takes_more_and_runs_no_more_at_once() -> None:
    bench = Bench()
    bench.take(PLACES)
    assert bench.pool.ahead() == {}
    bench.clock.advance(0.001)
    bench.process.end(bench.process.begun)
    assert bench.pool.ahead() == {"io": (PLACES, MOST_TAKEN - PLACES)}
    bench.process.begun.clear()
    bench.take(MOST_TAKEN)
    assert len(bench.process.begun) == PLACES


async def test_a_pool_in_which_calls_wait_takes_none_ahead() -> None:
    bench = Bench()
    bench.take(1)
    bench.process.end(bench.process.begun)
    bench.take(PLACES + 1)
    sizes = dict.fromkeys(KINDS, PLACES)
    bench.clock.advance(STALLED_S)
    bench.pool.resize(sizes)
    assert bench.pool.ahead()
    bench.clock.advance(0.1)
    bench.pool.resize(sizes)
    assert bench.pool.ahead() == {}
