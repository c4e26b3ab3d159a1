"""A bulk submission in progress: written bit by bit, visible all at once or never."""

from collections.abc import Sequence

from engine.errors import InvalidSpec, KeyTaken, NotAdmitted
from engine.ledger.admission import Admission
from engine.ledger.rows.submission import Sender, Submissions
from engine.ledger.rows.tally import Tally
from engine.ledger.rows.undropped import Undropped
from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.intake.lines import decode_line
from engine.store.protocol import NewJob, Store

AT_ONCE = 500
"""Jobs that are validated before others get a turn."""


class Batch:
    """The jobs of one bulk submission that have come so far."""

    def __init__(
        self,
        *,
        store: Store,
        submissions: Submissions,
        admission: Admission,
        undropped: Undropped,
        sender: Sender,
        first: JobId,
        count: int,
        request_key: str,
        is_repeated: bool = False,
    ) -> None:
        self._store = store
        self._submissions = submissions
        self._admission = admission
        self._undropped = undropped
        self._reader = submissions.reader(sender)
        self._sender = sender
        self.first = first
        self.count = count
        """How many jobs were announced."""
        self.request_key = request_key
        self.is_repeated = is_repeated
        """Whether it was stored before: what still comes of it is taken and not written."""
        self.received = 0
        self.arrays: tuple[Array, ...] = ()
        """Arrays whose jobs these are."""
        self.tally = Tally()

    async def add(self, lines: str) -> None:
        """Validate and write some more jobs, one a line; nobody sees them yet.

        Raises:
            InvalidSpec: one of them is wrong, or there are more than were announced.
        """
        await self.add_decoded(self._read(lines))

    async def add_decoded(self, raw: Sequence[object]) -> None:
        """The same for jobs that are no longer text."""
        for begin in range(0, len(raw), AT_ONCE):
            await self._add(raw[begin : begin + AT_ONCE])

    async def _add(self, raw: Sequence[object]) -> None:
        if self.received + len(raw) > self.count:
            raise InvalidSpec(f"more than the {self.count} jobs that were announced")
        if self.is_repeated:
            self.received += len(raw)
            return
        specs = self._submissions.read(raw, self._reader, self.received)
        for spec in specs:
            self.tally.arrivals.add(spec)
        if not await self._may_come_in():
            self.received += len(raw)
            return
        around = await self._submissions.surroundings(self._sender)
        first = JobId(self.first + self.received)
        jobs = await self._submissions.prepare(specs, around, first, self.received)
        await self.add_rows(jobs)

    async def add_rows(self, jobs: Sequence[NewJob]) -> None:
        """The same for jobs that have been validated, judged and counted as arrivals."""
        for job in jobs:
            self.tally.add(job)
        try:
            if not self.is_repeated:
                await self._store.add_to_batch(jobs)
        except KeyTaken:
            if not await self._was_stored_meanwhile():
                raise
        self.received += len(jobs)

    async def _may_come_in(self) -> bool:
        """Whether what came so far may; false if all of it was stored before.

        Raises:
            NotAdmitted: there is no room.
        """
        try:
            self._admission.must_admit(self.tally.arrivals)
        except NotAdmitted:
            if not await self._was_stored_meanwhile():
                raise
            return False
        return True

    async def _was_stored_meanwhile(self) -> bool:
        """Whether the same submission is what stands in the way; then this one is let go."""
        if not self.request_key or await self._store.request(self.request_key) is None:
            return False
        await self.drop()
        self.is_repeated = True
        return True

    def _read(self, lines: str) -> list[object]:
        text = lines.rstrip("\n").split("\n")
        return [
            decode_line(line, f"jobs[{place}]")
            for place, line in enumerate(text, self.received)
        ]

    async def drop(self) -> None:
        """Leave no trace; where the disk is full, as soon as it is not."""
        if not self.is_repeated:
            await self._undropped.drop(self.first)
