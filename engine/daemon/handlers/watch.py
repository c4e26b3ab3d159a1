"""`watch`: pulses that say what to look at again, merged while the reader is busy."""

from collections.abc import AsyncIterator, Sequence

from engine.control.messages import Pulse, Watch
from engine.daemon.desk import Caller, Desk
from engine.model.events import Event, EventType
from engine.wake import Wake

NAMED = 1_000
"""Changed jobs that one pulse names at most."""


class Changes:
    """What has happened since the last pulse; bounded, however much it was."""

    def __init__(self) -> None:
        self.wake = Wake()
        self._jobs: set[int] = set()
        self._many = False
        self._queues = False

    def hear(self, events: Sequence[Event]) -> None:
        """Take in what was committed."""
        for event in events:
            self._queues |= event.type.startswith("queue.")
            self._many |= event.type is EventType.JOBS_SUBMITTED
            if event.job is not None and not self._many:
                self._jobs.add(event.job)
                self._many |= len(self._jobs) > NAMED
        self.wake.knock()

    def take(self, desk: Desk) -> Pulse:
        """One pulse with everything so far; the next begins empty."""
        pulse = Pulse(
            seq=desk.timeline.head,
            now_at=desk.clock.now(),
            jobs=() if self._many else tuple(sorted(self._jobs)),
            many=self._many,
            queues=self._queues,
            by_state=desk.working_set.counters.by_state(),
            trouble=desk.trouble,
        )
        self._jobs.clear()
        self._many = self._queues = False
        return pulse


async def follow(desk: Desk, _: Caller, ask: Watch) -> AsyncIterator[Pulse]:
    """A pulse at once, then at each change and at least every `quiet_ms`."""
    changes = Changes()
    stop = desk.timeline.listen(changes.hear)
    gap_s, quiet_s = max(ask.gap_ms, 10) / 1000, max(ask.quiet_ms, 100) / 1000
    try:
        while True:
            yield changes.take(desk)
            await desk.clock.sleep(gap_s)
            await changes.wake.wait_at_most(desk.clock, quiet_s - gap_s)
    finally:
        stop()
