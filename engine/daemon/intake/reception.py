"""Reception: takes submissions in, small ones in one unit, large ones as batches."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from engine.clock import Clock
from engine.control.views import Submitted
from engine.daemon.aside import Aside
from engine.daemon.intake.asked import must_be_countable, must_be_possible
from engine.daemon.intake.bulk import Bulk
from engine.daemon.intake.few import Few
from engine.daemon.intake.receipts import SMALL, answer_again, known_ids
from engine.daemon.intake.verdicts import rejected, workflow_created
from engine.daemon.intake.wholes import Wholes
from engine.errors import Refused
from engine.ledger.admission import Admission
from engine.ledger.ledger import Ledger
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.rows.batch import Batch
from engine.ledger.rows.flow_making import FlowMaker
from engine.ledger.rows.flows import FlowRows, must_be_workflow
from engine.ledger.rows.submission import Sender, Submissions
from engine.ledger.rows.undropped import Undropped
from engine.model.definition import Definition
from engine.model.ids import JobId
from engine.model.intake import Reader
from engine.model.spec import JobSpec
from engine.policy.arrays.expansion import Sweep
from engine.policy.arrays.template import Template
from engine.policy.entry.arrivals import Arrivals
from engine.policy.workflows.expansion import Expansion, count_of
from engine.store.protocol import Store

T = TypeVar("T")


class Reception:
    """Where jobs come in. Everything or nothing of a submission is stored."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        submissions: Submissions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._submissions = submissions
        self._aside = Aside("workflows")
        self._one_run = asyncio.Lock()
        """Held by who takes the next number of a workflow's runs."""
        self.on_fan_out: Callable[[JobId], None] = lambda _: None
        """Told of fan-outs that came in; they may have to be unfolded at once."""
        self.undropped = Undropped(store, clock)
        admission = self.admission = Admission(working_set, clock, lambda: ledger.writer.groups)
        self._few = Few(
            store=store,
            working_set=working_set,
            ledger=ledger,
            admission=admission,
            clock=clock,
        )
        self._bulk = Bulk(
            store=store,
            working_set=working_set,
            ledger=ledger,
            submissions=submissions,
            admission=admission,
            undropped=self.undropped,
        )

    async def remember(self, sender: Sender) -> int:
        """The key under which a sender's folder and environment are found again."""
        return await self._submissions.surroundings(sender)

    def read(self, raw: Any, sender: Sender) -> JobSpec:
        """What one job says; nothing is stored. Raises: InvalidSpec, as for `submit`."""
        return self._submissions.read([raw], self._submissions.reader(sender), 0)[0]

    @contextmanager
    def judging(
        self, user: str, count: int | None, arrivals: Arrivals | None = None
    ) -> Iterator[None]:
        """Whatever is refused in here gets an event with the reason.

        Args:
            user: Who submits.
            count: How many jobs; None if that cannot be known.
            arrivals: What will be known of them by then; None: nothing.
        """
        try:
            yield
        except Refused as refused:
            self.turn_away(refused, user, count, arrivals)
            raise

    def turn_away(
        self,
        refused: Refused,
        user: str,
        count: int | None = None,
        arrivals: Arrivals | None = None,
    ) -> None:
        """Write down that a submission was refused, and why."""
        self._ledger.tell(rejected(refused, arrivals or Arrivals(), count, user))

    def reader(self, sender: Sender) -> Reader:
        """Reads this sender's jobs; nothing is stored. Raises: InvalidSpec."""
        return self._submissions.reader(sender)

    def must_fit(self, spec: JobSpec, where: str) -> None:
        """Let a job pass that could run some day. Raises: InvalidSpec."""
        self._submissions.must_fit(spec, where)

    async def submit(
        self, raw: Sequence[Any], sender: Sender, *, request_key: str, on_key: str
    ) -> Submitted:
        """Store some jobs; the answer means that they are on disk.

        Args:
            raw: As people write them.
            sender: Who, and what the jobs share.
            request_key: Repeating a submission with it stores nothing new.
            on_key: What a live job with the same key means: its id is the answer
                (`return`), refuse (`reject`), or cancel it if it waits (`replace`). Of
                more than `SMALL` jobs the keys must be free.

        Raises:
            InvalidSpec: one of them is wrong.
            KeyTaken: a live job has the key of one, and `on_key` is `reject`.
            NotAllowed: the job to be replaced runs.
            NotAdmitted: there is no room for them, or they come too fast.
        """
        arrivals = Arrivals()
        with self.judging(sender.user, len(raw), arrivals):
            return await self._submit(raw, sender, arrivals, request_key, on_key)

    async def _submit(
        self,
        raw: Sequence[Any],
        sender: Sender,
        arrivals: Arrivals,
        request_key: str,
        on_key: str,
    ) -> Submitted:
        must_be_possible(len(raw), on_key)
        if len(raw) > SMALL:
            return await self._bulk.put(raw, sender, arrivals, request_key)
        known = await known_ids(self._store, request_key)
        if known:
            return answer_again(known)
        specs = self._submissions.read(raw, self._submissions.reader(sender), 0)
        _count(specs, arrivals)
        self._few.must_admit(specs, on_key)
        first = await self._store.reserve_ids(len(raw))
        around = await self._submissions.surroundings(sender)
        jobs = await self._submissions.prepare(specs, around, first, 0)
        return await self._few.put(jobs, sender.user, request_key, on_key)

    async def submit_spec(
        self, spec: JobSpec, surroundings: int, *, user: str, request_key: str
    ) -> Submitted:
        """Store one job that has been read, with surroundings that are known.

        Raises:
            InvalidSpec: no worker could hold it, or it depends on what is not there.
            KeyTaken: a live job has its key.
            NotAdmitted: there is no room for it, or it comes too fast.
        """
        arrivals = Arrivals()
        with self.judging(user, 1, arrivals):
            known = await known_ids(self._store, request_key)
            if known:
                return answer_again(known)
            arrivals.add(spec)
            self._submissions.must_fit(spec, "job")
            self._few.must_admit([spec], "reject")
            first = await self._store.reserve_ids(1)
            jobs = await self._submissions.prepare([spec], surroundings, first, 0)
            return await self._few.put(jobs, user, request_key, "reject")

    async def submit_array(
        self,
        raw: Any,
        sweep: Sweep,
        sender: Sender,
        *,
        limit: int | None,
        stop_after: int | None,
        request_key: str,
    ) -> Submitted:
        """Store a composite job and its members, all or none, under ids in a row.

        Args:
            raw: The template, as people write jobs.
            sweep: The members' parameters.
            sender: Who, and where from.
            limit: How many members may run at once.
            stop_after: After so many failures those that wait are canceled.
            request_key: Repeating a submission with it stores nothing new.

        Raises:
            InvalidSpec: the template is wrong, or becomes so with some parameters.
            KeyTaken: a live job has its key.
            NotAdmitted: there is no room for them, or they come too fast.
        """
        arrivals = Arrivals()
        with self.judging(sender.user, sweep.count, arrivals):
            return await self._submit_array(
                raw, sweep, sender, arrivals, limit, stop_after, request_key
            )

    async def _submit_array(
        self,
        raw: Any,
        sweep: Sweep,
        sender: Sender,
        arrivals: Arrivals,
        limit: int | None,
        stop_after: int | None,
        request_key: str,
    ) -> Submitted:
        known = await known_ids(self._store, request_key)
        if known:
            return answer_again(known)
        template = Template(self._submissions.reader(sender).read(raw, ""), sweep.axes)
        arrivals.add(template.spec, sweep.count)
        self._submissions.must_fit(template.spec, "job")
        self.admission.must_admit(arrivals)
        around = await self._submissions.surroundings(sender)
        rows = await self._submissions.prepare_array(
            template, sweep, around, limit=limit, stop_after=stop_after
        )
        if rows.count <= SMALL:
            jobs = [rows.whole(), *rows.members()]
            return await self._few.put(
                jobs, sender.user, request_key, "reject", Wholes(arrays=[rows.array])
            )
        return await self._bulk.put_array(rows, sender, arrivals, request_key)

    async def submit_flow(
        self, definition: Definition, raw: bytes, sender: Sender, *, request_key: str
    ) -> Submitted:
        """Store a run of a workflow, all or none; the run itself has the first id.

        Args:
            definition: Read and checked.
            raw: The JSON that it was made from, to be kept.
            sender: Who, and where from.
            request_key: Repeating a submission with it stores nothing new.

        Raises:
            InvalidSpec: its graph is none, or a task is wrong.
            KeyTaken: a live job has the key of a task.
            NotAdmitted: there is no room for it, or jobs come too fast.
        """
        known = await known_ids(self._store, request_key)
        if known:
            return answer_again(known)
        with self.judging(sender.user, None):
            must_be_workflow(definition)
            count = 1 + count_of(definition)
            must_be_countable(count)
            self.admission.must_have_room(count)
            async with self._one_run:
                return await self._submit_flow(definition, raw, count, sender, request_key)

    async def beside(self, size: int, work: Callable[[], T]) -> T:
        """What pure work comes to; where it is about many tasks, others get a turn."""
        return work() if size <= SMALL else await self._aside.do(work)

    async def _submit_flow(
        self, definition: Definition, raw: bytes, count: int, sender: Sender, request_key: str
    ) -> Submitted:
        first = await self._store.reserve_ids(count)
        digest = sha256(raw).hexdigest()
        rows = FlowRows(
            await self.beside(count, partial(Expansion.of_run, definition, first)),
            FlowMaker(self._submissions, sender),
            root=first,
            run=await self._store.next_run(definition.name),
            surroundings=await self._submissions.surroundings(sender),
            digest=digest,
            trace_id=self._submissions.new_trace(),
            now_at=self._clock.now(),
        )
        wholes = Wholes(
            flows=rows.flows,
            definitions=[(digest, raw)],
            drafts=[workflow_created(rows.flows[0], count - 1, sender.user)],
        )
        if count > SMALL:
            answer = await self._bulk.put_flow(rows, sender, wholes, request_key)
        else:
            jobs = [job async for part in rows.parts() for job in part]
            wholes = replace(wholes, arrays=rows.arrays)
            user = sender.user
            answer = await self._few.put(jobs, user, request_key, "reject", wholes)
        for fan_out in rows.fan_outs:
            self.on_fan_out(fan_out)
        return answer

    async def begin(self, sender: Sender, count: int, request_key: str) -> Batch:
        """Open a bulk submission.

        Raises:
            InvalidSpec: a count that cannot be.
            NotAdmitted: there is no room for so many.
        """
        with self.judging(sender.user, count):
            return await self._bulk.begin(sender, count, request_key)

    async def commit(self, batch: Batch, user: str) -> Submitted:
        """Make a bulk submission visible, all of it at once.

        Raises:
            InvalidSpec: fewer jobs came than were announced; nothing was stored.
            NotAdmitted: there is no room for them any more; nothing was stored.
        """
        with self.judging(user, batch.count, batch.tally.arrivals):
            return await self._bulk.commit(batch, user)


def _count(specs: Sequence[JobSpec], arrivals: Arrivals) -> None:
    for spec in specs:
        arrivals.add(spec)
