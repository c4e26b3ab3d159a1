"""Arrays: many jobs from one submission, under one composite job."""

import msgspec

from engine.model.ids import JobId


class Array(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An array as the store remembers it. Its members' ids are contiguous."""

    id: JobId
    """Of the composite job that stands for the whole; the members follow it."""
    first: JobId
    last: JobId
    limit: int | None = None
    """How many members may run at once; None: no limit."""
    stop_after: int | None = None
    """After so many failed members the others that wait are canceled; None: never."""
    version: int = 0

    @property
    def count(self) -> int:
        """How many members it has."""
        return self.last - self.first + 1
