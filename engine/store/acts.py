"""Acts: the part of a store that finds what operators did, and what came since."""

from collections.abc import Sequence
from typing import Protocol

from engine.model.events import Event
from engine.model.ids import JobId, Seq


class Care(Protocol):
    """How a store looks after itself."""

    @property
    def checkpoint_at(self) -> int | None:
        """When its log was last taken into the database; None: not since it was opened."""
        ...


class Acts(Care, Protocol):
    """The audit trail: the events that tell of operators' acts."""

    async def acts(
        self,
        before: Seq,
        limit: int,
        *,
        actor: str | None = None,
        verb: str | None = None,
        since_at: int = 0,
    ) -> list[Event]:
        """The newest events of acts below `before`, oldest first.

        Args:
            before: Only events with a smaller number.
            limit: So many at most.
            actor: Only acts of this user.
            verb: Only acts with this verb.
            since_at: Only acts of this moment or later, UTC microseconds.
        """
        ...

    async def bulk_since(self, seq: Seq) -> Sequence[tuple[JobId, JobId]]:
        """First and last ids of the bulk submissions that became visible after an event."""
        ...
