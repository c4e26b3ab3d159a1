"""Counting what waits: never twice for nothing, and not all the time when it takes long."""

from collections.abc import Sequence

from engine.clock import ManualClock
from engine.daemon.pictures.standings import LONG_S, REST, Standings
from engine.model.ids import JobId, Seq
from engine.store.protocol import Standing


class Counting:
    """A store that has something new to tell at every count, and takes its time."""

    def __init__(self, clock: ManualClock, takes_s: float) -> None:
        self._clock = clock
        self._takes_s = takes_s
        self.counts = 0

    async def standings(self, queue: str | None = None) -> Sequence[Standing]:
        self.counts += 1
        self._clock.advance(self._takes_s)
        name = queue or "any"
        return [
            Standing(
                queue=name,
                priority=2,
                tenant="default",
                shape=1,
                state="queued",
                mark="",
                number=self.counts,
                first=JobId(1),
                oldest_at=0,
            )
        ]


class Log:
    def __init__(self) -> None:
        self.head = Seq(1)


def standings(takes_s: float) -> tuple[Standings, Counting, ManualClock, Log]:
    clock, log = ManualClock(), Log()
    store = Counting(clock, takes_s)
    return Standings(store, clock, log), store, clock, log  # type: ignore[arg-type]


async def test_nothing_is_counted_twice_while_nothing_is_committed() -> None:
    of, store, _, _ = standings(takes_s=0.0)
    assert await of.of() == await of.of()
    assert store.counts == 1


async def test_a_quick_count_is_made_anew_after_each_commit() -> None:
    of, _, _, log = standings(takes_s=LONG_S / 2)
    await of.of()
    log.head = Seq(2)
    assert [one.number for one in await of.of()] == [2]


async def test_a_long_count_is_good_for_a_multiple_of_what_it_took() -> None:
    of, store, clock, log = standings(takes_s=1.0)
    await of.of()
    log.head = Seq(2)
    clock.advance(REST - 0.1)
    await of.of()
    assert store.counts == 1
    clock.advance(0.2)
    await of.of()
    assert store.counts == 2


async def test_queues_are_counted_apart() -> None:
    of, _, _, _ = standings(takes_s=0.0)
    assert [one.queue for one in await of.of("a")] == ["a"]
    assert [one.queue for one in await of.of("b")] == ["b"]
    assert [one.queue for one in await of.of()] == ["any"]
