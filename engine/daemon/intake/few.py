"""Few jobs: they come in as one unit, and each may have a key that is taken."""

from collections.abc import Collection, Sequence
from functools import partial

from engine.clock import Clock
from engine.control.views import Submitted
from engine.daemon.intake.keys import given_twice, has_key
from engine.daemon.intake.receipts import answer_again, answer_to, keyed, known_ids
from engine.daemon.intake.verdicts import queue_created, queues_to_make, submitted
from engine.daemon.intake.wholes import NO_WHOLES, Wholes
from engine.errors import KeyTaken, NotAdmitted, NotAllowed, StaleLease
from engine.ledger.admission import Admission
from engine.ledger.ledger import Ledger
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.rows.tally import counted
from engine.ledger.writes import Write
from engine.model.ids import JobId
from engine.model.spec import JobSpec
from engine.policy.entry.arrivals import Arrivals
from engine.policy.jobs.steering import cancel
from engine.store.protocol import NewJob, Store, Unit

TRIES = 1_000
"""How often a submission looks again while others take what it wants."""


class Few:
    """Stores the jobs of small submissions."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        admission: Admission,
        clock: Clock,
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._admission = admission
        self._clock = clock

    def must_admit(self, specs: Sequence[JobSpec], on_key: str) -> None:
        """Turn away what cannot come in whoever has its keys, before anything is written.

        Raises:
            NotAdmitted: there is no room for them, or they come too fast.
        """
        sure = [spec for spec in specs if spec.key is None or on_key == "reject"]
        self._admission.must_admit(Arrivals().plus(sure))

    async def put(
        self,
        jobs: list[NewJob],
        user: str,
        request_key: str,
        on_key: str,
        wholes: Wholes = NO_WHOLES,
    ) -> Submitted:
        """Write rows that are ready, all or none, and answer for them.

        Args:
            jobs: Under ids in a row.
            user: Who submits.
            request_key: With which the submission can be repeated.
            on_key: What a live job with the key of one of them means.
            wholes: Arrays and flows whose jobs these are.

        Raises:
            KeyTaken: a live job has the key of one, and `on_key` is `reject`.
            NotAllowed: the job to be replaced runs.
            NotAdmitted: there is no room for them, or they come too fast.
        """
        found: dict[JobId, JobId] = {}
        for _ in range(TRIES):
            answer = answer_to(jobs, found)
            unit = self._unit(jobs, found, user, keyed(request_key, answer.ids), wholes)
            try:
                await self._write(unit, user, on_key)
            except KeyTaken as taken:
                if taken.field == "request" and (
                    known := await known_ids(self._store, request_key)
                ):
                    return answer_again(known)
                await self._make_way(taken, jobs, found, user, on_key)
                continue
            except StaleLease:  # another submission has made the same queue
                continue
            except NotAdmitted:
                if on_key != "return" or not await self._find_holders(unit, found):
                    raise
                continue
            return answer
        raise KeyTaken("the keys of these jobs are being taken and given back all the time")

    async def _write(self, unit: Unit, user: str, on_key: str) -> None:
        """Write what may come in, with room for it until it is on disk."""
        write = Write(unit) if unit.new_jobs or unit.requests else None
        replaced = await self._holders(unit.new_jobs) if on_key == "replace" else {}
        leaving = Arrivals()
        for job in await self._store.jobs(list(replaced.values())):
            leaving.leave(job)
        with self._admission.reserve(counted(unit.new_jobs, Arrivals()), leaving) as seat:
            for holder in sorted(replaced.values()):
                await self._replace(holder, user)
            await seat.take(self._ledger.writer.post(lambda: write))

    async def _find_holders(self, unit: Unit, found: dict[JobId, JobId]) -> bool:
        """Whether live jobs have keys of these: then nothing has to be stored of those."""
        holders = await self._holders(unit.new_jobs)
        found |= holders
        return bool(holders)

    async def _holders(self, jobs: Sequence[NewJob]) -> dict[JobId, JobId]:
        """The live jobs that have the keys of these."""
        keyed = {job.id: (job.spec.tenant, job.spec.key) for job in jobs if job.spec.key}
        held = await self._store.key_holders([(t, k) for t, k in keyed.values() if k])
        return {id_: held[key] for id_, key in keyed.items() if key in held}

    async def _make_way(
        self,
        taken: KeyTaken,
        jobs: Sequence[NewJob],
        found: dict[JobId, JobId],
        user: str,
        on_key: str,
    ) -> None:
        """Have the next try find no key in its way, or raise."""
        if "job" not in taken.details:  # nobody sees the job that has it
            raise taken
        holder = JobId(int(taken.details.get("job", 0)))
        fresh = [job for job in jobs if job.id not in found]
        if any(job.id == holder for job in fresh):
            raise given_twice(jobs, holder)
        if on_key == "reject":
            raise taken
        if on_key == "return":
            spec = (await self._ledger.find(holder)).spec
            same = (job for job in fresh if has_key(job, spec.tenant, spec.key))
            found |= {job.id: holder for job in same}
            return
        await self._replace(holder, user)

    async def _replace(self, holder: JobId, user: str) -> None:
        """Cancel the job that has the key. Raises: NotAllowed, if it runs."""
        live = await self._ledger.find(holder)
        key = live.spec.key
        if live.now.attempt is not None:
            raise NotAllowed(
                f"#{holder} has the key {key!r} and runs; cancel it before it is replaced",
                details={"job": holder},
            )
        why = f"replaced by a job with the same key {key!r}"
        await self._ledger.act(
            live, partial(cancel, now_at=self._clock.now(), by=user, why=why), actor=user
        )

    def _unit(
        self,
        jobs: Sequence[NewJob],
        found: Collection[JobId],
        user: str,
        requests: Sequence[tuple[str, int, int]],
        wholes: Wholes,
    ) -> Unit:
        """What is to be written of a submission: its jobs but those that were found."""
        fresh = [job for job in jobs if job.id not in found]
        queues = queues_to_make({job.now.queue for job in fresh}, self._set.stored_queues)
        return Unit(
            epoch=self._set.epoch,
            new_jobs=fresh,
            queues=[(0, queue) for queue in queues],
            arrays=[(0, array) for array in wholes.arrays],
            flows=[(0, flow) for flow in wholes.flows],
            definitions=wholes.definitions,
            events=[
                *(queue_created(queue, user) for queue in queues),
                *wholes.drafts,
                *(submitted(job, user) for job in fresh),
            ],
            requests=requests,
        )
