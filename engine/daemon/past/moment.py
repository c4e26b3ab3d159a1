"""The moment that a request is about: now, or an event that is past."""

from dataclasses import dataclass

from engine.daemon.desk import Desk
from engine.errors import InvalidSpec, NotFound
from engine.ledger.memory.counters import Counters
from engine.ledger.memory.working_set import WorkingSet
from engine.model.filter.values import moment_text
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.store.moments import Past, Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where a handler reads from, and what it may call now."""

    reads: Reads
    seq: Seq
    now_at: int
    """UTC microseconds; of a past moment, when its event happened."""
    past: Past | None = None
    """None: it is now."""
    working_set: WorkingSet | None = None
    """What is known in memory; None in the past."""


async def moment(desk: Desk, as_of: int | None) -> Moment:
    """Now, or the moment when event `as_of` was the newest.

    Raises:
        InvalidSpec: it has not happened yet, or nothing is known of so long ago.
    """
    if as_of is None:
        return Moment(
            reads=desk.store,
            seq=desk.timeline.head,
            now_at=desk.clock.now(),
            working_set=desk.working_set,
        )
    seq = await checked(desk, as_of)
    past = desk.store.at(seq)
    return Moment(reads=past, seq=seq, now_at=await desk.store.instant_of(seq), past=past)


async def checked(desk: Desk, seq: int) -> Seq:
    """The event of this number, if it is one as of which everything is known.

    Raises:
        InvalidSpec: it has not happened yet, or is before that.
    """
    head = await desk.store.head()
    if seq > head:
        raise InvalidSpec(
            f"event #{seq} has not happened: the newest is #{head}",
            field="as_of",
            nearest=f"#{head}",
        )
    first = await first_known(desk)
    if seq < first:
        raise await before_all(desk, f"#{seq}", first)
    return Seq(seq)


async def first_known(desk: Desk) -> Seq:
    """The first event that can be gone back to."""
    return max(await desk.store.horizon(), Seq(1))


async def before_all(desk: Desk, asked: str, first: Seq) -> InvalidSpec:
    """The error for a moment before what is known."""
    at = moment_text(await desk.store.instant_of(first))
    return InvalidSpec(
        f"{asked} is before what is known: the past begins with #{first} at {at}",
        field="as_of",
        nearest=f"#{first}",
    )


async def find_job(when: Moment, job: int) -> Job:
    """The job of this number, as it was. Raises: NotFound."""
    found = await when.reads.job(JobId(job))
    if found is None:
        then = "" if when.past is None else f" as of #{when.seq}"
        raise NotFound(f"there is no job #{job}{then}", field="id")
    return found


async def counters(when: Moment) -> Counters:
    """How many jobs there were of each kind."""
    if when.working_set is not None:
        return when.working_set.counters
    found = Counters()
    found.load(await when.reads.counts())
    for job in await when.reads.jobs([array.id for array in await when.reads.arrays()]):
        found.leave_out(job)
    return found
