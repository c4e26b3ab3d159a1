"""The rows of an array: its composite job, and then its members, made as they are needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from msgspec.structs import replace

from engine.model.array import Array
from engine.model.ids import JobId
from engine.policy.arrays.expansion import Sweep
from engine.policy.arrays.template import Template
from engine.policy.entry.admission import admit
from engine.store.protocol import NewJob

AT_ONCE = 500
"""Members that are made before others get a turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayRows:
    """An array that was checked, under ids that were reserved for it."""

    array: Array
    template: Template
    sweep: Sweep
    surroundings: int
    whole_shape: int
    """Of the composite job, which stands in no lane."""
    shape: int
    """Of all members."""
    unmet: int
    """How many of the jobs that they depend on have not succeeded."""
    now_at: int

    @property
    def count(self) -> int:
        """How many rows there are, the composite's included."""
        return self.array.count + 1

    def whole(self) -> NewJob:
        """The composite job."""
        spec = self.template.whole()
        return NewJob(
            id=self.array.id,
            spec=spec,
            surroundings=self.surroundings,
            shape=self.whole_shape,
            created_at=self.now_at,
            now=admit(spec, 0, self.now_at),
        )

    def members(self) -> Iterator[NewJob]:
        """The members in order. Raises: InvalidSpec, if one of them cannot be."""
        for index, params in enumerate(self.sweep):
            spec = self.template.member(self.array.id, index, params)
            yield NewJob(
                id=JobId(self.array.first + index),
                spec=spec,
                surroundings=self.surroundings,
                shape=self.shape,
                created_at=self.now_at,
                now=admit(spec, self.unmet, self.now_at),
            )

    def parts(self) -> Iterator[list[NewJob]]:
        """All rows in order, some at a time."""
        yield [self.whole()]
        members = self.members()
        while part := list(islice(members, AT_ONCE)):
            yield part


def array_of(first: JobId, sweep: Sweep, limit: int | None, stop_after: int | None) -> Array:
    """The array whose composite job has the id `first`; its members follow."""
    return Array(
        id=first,
        first=JobId(first + 1),
        last=JobId(first + sweep.count),
        limit=limit,
        stop_after=stop_after,
    )


def traced(template: Template, trace_id: str) -> Template:
    """The same with a trace that all members share."""
    if template.spec.trace_id:
        return template
    return Template(replace(template.spec, trace_id=trace_id), template.params)
