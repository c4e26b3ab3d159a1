"""Setbacks: one item that breaks a loop's work is set apart and told of; the others go on.

Beside the supervisor the only place that catches what nobody expected.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from engine.clock import Clock
from engine.errors import EngineError
from engine.model.setback import Setback

log = logging.getLogger(__name__)

T = TypeVar("T")

KEPT: Final = 100
"""Subjects that are remembered; of more the oldest are forgotten."""

FRESH_US: Final = 2 * 3_600_000_000
"""What has not happened again for this long is over; some work is done once an hour."""


class Setbacks:
    """What broke lately, by what it was about."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Setback] = {}

    async def contain(self, subject: str, work: Awaitable[T]) -> T:
        """The result of the work about one item; a bug in it stays that item's own.

        Raises:
            EngineError: as the work raised it, or one that says how it broke.
        """
        try:
            return await work
        except EngineError:
            raise
        except Exception as broken:
            raise self._noted(subject, broken) from broken

    def check(self, subject: str, work: Callable[[], T]) -> T:
        """As `contain`, of work that waits for nothing."""
        try:
            return work()
        except EngineError:
            raise
        except Exception as broken:
            raise self._noted(subject, broken) from broken

    def recent(self) -> list[Setback]:
        """What broke within the last two hours, the newest last."""
        after_at = self._clock.now() - FRESH_US
        return [one for one in self._all.values() if one.last_at > after_at]

    def _noted(self, subject: str, broken: Exception) -> EngineError:
        log.exception("%s broke", subject)
        said = f"{type(broken).__name__}: {broken}"[:500]
        self._keep(subject, said, "broke")
        return EngineError(
            f"it broke inside the daemon: {said} (the daemon's log has the whole story)"
        )

    def held_up(self, subject: str, said: str) -> None:
        """Something kept the event loop to itself, and so everybody waiting."""
        log.error("%s held up everything else: %s", subject, said)
        self._keep(subject, said, "held up everything else")

    def _keep(self, subject: str, said: str, what: str) -> None:
        now_at, known = self._clock.now(), self._all.pop(subject, None)
        times, since_at = (1, now_at) if known is None else (known.times + 1, known.since_at)
        self._all[subject] = Setback(
            subject=subject,
            said=said,
            what=what,
            times=times,
            since_at=since_at,
            last_at=now_at,
        )
        while len(self._all) > KEPT:
            del self._all[next(iter(self._all))]
