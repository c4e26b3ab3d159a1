"""Kin: the part of a store that knows which jobs came to depend on which."""

from typing import Protocol

from engine.model.ids import JobId
from engine.model.job import Job


class Kin(Protocol):
    """What surrounds a job, whatever has become of it."""

    async def followers(self, job: JobId, limit: int) -> list[Job]:
        """The first jobs by id that depend on `job`, in any state."""
        ...
