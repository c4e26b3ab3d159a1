"""Writes: what is handed to the writer, and what comes back."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.errors import EngineError
from engine.ledger.rows.tally import Tally
from engine.model.events import Event
from engine.model.ids import JobId
from engine.model.job import Job
from engine.store.protocol import Unit


@dataclass(frozen=True, slots=True)
class Write:
    """A unit, with the jobs that it moves as its author last saw them."""

    unit: Unit
    jobs: Mapping[JobId, Job] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A write that has reached the disk."""

    events: Sequence[Event]
    jobs: Sequence[Job]
    """The jobs that it inserted or moved, as they are now."""


Build = Callable[[], Write | None]
"""Makes the write when the writer is ready for it, from what is newest then."""


@dataclass(frozen=True, slots=True)
class BatchWrite:
    """The small commit that makes a bulk submission visible."""

    first: JobId
    """Id of the batch's first job."""
    tally: Tally
    unit: Unit


@dataclass(slots=True)
class Waiting:
    """A change on its way to the writer."""

    build: Build
    answer: "asyncio.Future[Receipt | None]"
    patient: bool
    taken: bool = False
    """It is in the group that is being written, or was."""


def built(entry: Waiting) -> Write | None:
    """The entry's change as of now; None, and answered, if there is nothing to do."""
    try:
        change = entry.build()
    except EngineError as refusal:
        fail(entry, refusal)
        return None
    if change is None:
        succeed(entry, None)
    return change


def succeed(entry: Waiting, receipt: Receipt | None) -> None:
    """Tell whoever waits that it is on disk, or that there was nothing to do."""
    if not entry.answer.done():
        entry.answer.set_result(receipt)


def fail(entry: Waiting, error: EngineError) -> None:
    """Tell whoever waits that it was not written."""
    if not entry.answer.done():
        entry.answer.set_exception(error)


def ignore(answer: "asyncio.Future[Receipt | None]") -> None:
    """Mark an answer as seen: nobody has to know if it was an error."""
    answer.add_done_callback(_consume)


def _consume(answer: "asyncio.Future[Receipt | None]") -> None:
    if not answer.cancelled():
        answer.exception()
