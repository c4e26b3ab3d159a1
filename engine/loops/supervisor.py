"""The supervisor: the only place that catches what nobody expected.

A loop that breaks is started again, a bounded number of times; then the daemon stops,
for a daemon that limps is worse than one whose jobs wait for the next.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from engine.clock import Clock
from engine.errors import EngineError, StaleEpoch, StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 5
"""How often a loop may break within the period before the daemon gives up."""

PERIOD_S = 60.0
PAUSE_S = 0.5


async def keep_running(
    name: str,
    loop: Callable[[], Awaitable[None]],
    clock: Clock,
    *,
    for_ever: bool = False,
) -> None:
    """Run a loop; start it again when it breaks.

    A database that does not work is no fault of the loop's: it is tried again for as long
    as it takes. The writer tells operators about it.

    Args:
        name: For the log.
        loop: What to run.
        clock: Paces it.
        for_ever: It is about one worker alone: others must not stop because of it.

    Raises:
        StaleEpoch: at once: another daemon is in charge.
        Exception: whatever broke the loop for the fifth time within a minute.
    """
    pause_s = PAUSE_S
    broken_s: list[float] = []
    while True:
        try:
            await loop()
            return
        except Exception as error:
            if _holds(error, StaleEpoch):
                raise
            if _holds(error, StoreError):
                log.warning("the loop %r waits for the database: %s", name, error)
            else:
                broken_s = _counted(broken_s, clock.monotonic())
                log.exception("the loop %r broke (%d of %d)", name, len(broken_s), TRIES)
            if len(broken_s) >= TRIES and not for_ever:
                raise
            pause_s = PERIOD_S / 2 if len(broken_s) >= TRIES else PAUSE_S
        await clock.sleep(pause_s)


def _holds(error: Exception, kind: type[EngineError]) -> bool:
    """Whether an error, or one in the group that it is, is of this kind."""
    if isinstance(error, ExceptionGroup):
        return error.subgroup(kind) is not None
    return isinstance(error, kind)


def _counted(broken_s: list[float], now_s: float) -> list[float]:
    return [s for s in broken_s if now_s - s < PERIOD_S] + [now_s]


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
