"""The supervisor: the only place that catches what nobody expected.

A loop that breaks is started again, a bounded number of times; then the daemon stops,
for a daemon that limps is worse than one whose jobs wait for the next.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from engine.clock import Clock
from engine.errors import EngineError, StaleEpoch

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 5
"""How often a loop may break within the period before the daemon gives up."""

PERIOD_S = 60.0
PAUSE_S = 0.5


async def keep_running(name: str, loop: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run a loop; start it again when it breaks.

    Raises:
        StaleEpoch: at once: another daemon is in charge.
        Exception: whatever broke the loop for the fifth time within a minute.
    """
    broken_s: list[float] = []
    while True:
        try:
            await loop()
            return
        except StaleEpoch:
            raise
        except Exception:
            now_s = clock.monotonic()
            broken_s = [s for s in broken_s if now_s - s < PERIOD_S] + [now_s]
            log.exception("the loop %r broke (%d of %d)", name, len(broken_s), TRIES)
            if len(broken_s) >= TRIES:
                raise
        await clock.sleep(PAUSE_S)


async def contain(name: str, work: Awaitable[T]) -> T:
    """The result of one request's work; a bug in it stays its own.

    Raises:
        EngineError: as the work raised it, or one that says that it broke, and where to
            look.
    """
    try:
        return await work
    except (EngineError, OSError):
        raise
    except Exception as broken:
        log.exception("%s broke", name)
        raise EngineError(
            f"{name} broke inside the daemon: {type(broken).__name__}: {broken} "
            "(the daemon's log has the whole story)"
        ) from broken
