"""Record: what attempts used is written down, for all of them together."""

from typing import Final

from engine.clock import Clock
from engine.ledger.memory.histories import Histories

EVERY_S: Final = 10.0
"""What was measured since may be forgotten when the daemon is killed."""


async def record(histories: Histories, clock: Clock) -> None:
    """Write every some seconds, for ever. Raises: StoreError: begin again, nothing is lost."""
    while True:
        await clock.sleep(EVERY_S)
        await histories.write()
