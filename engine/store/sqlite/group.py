"""A group of units in one transaction: plain code on one connection, without any waiting."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import compress, groupby, repeat
from operator import is_not, itemgetter
from typing import Any

from msgspec.structs import replace

from engine.errors import EngineError, KeyTaken, StaleEpoch, StaleLease
from engine.model.array import Array
from engine.model.attempt import Attempt, Lease
from engine.model.events import Event
from engine.model.ids import MAX_ID, JobId
from engine.model.states import FINAL, State
from engine.model.worker import Queue
from engine.model.workflow import Edge
from engine.store import codec, promises
from engine.store.protocol import (
    AttemptMove,
    JobEdit,
    JobMove,
    NewJob,
    Unit,
    WorkerMove,
    Written,
)
from engine.store.sqlite import crons, hooks
from engine.store.sqlite.checkpoints import PUT_PLACE, keep_when_due
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.event_bins import count_events
from engine.store.sqlite.flow_writes import write_flows
from engine.store.sqlite.keeping import write_leavings
from engine.store.sqlite.tally import Tally


@cache
def move_job(changed: tuple[int, ...]) -> str:
    """The statement that sets these columns of a job, by their places in PROGRESS.

    An index whose columns are not named costs nothing.
    """
    columns = ", ".join(f"{codec.PROGRESS[place]} = ?" for place in changed)
    return QUERIES["move_job"].replace("version = ?", columns, 1)


@lru_cache(maxsize=512)
def insert(name: str, given: tuple[bool, ...]) -> str:
    """A named INSERT of one row, with values in those of its columns that are given.

    The others stay NULL. To bind a NULL costs the driver more than a value, and half of the
    columns of a new job or attempt are NULL.
    """
    head, _, rest = QUERIES[name].partition("(")
    columns = [name.strip() for name in rest.partition(")")[0].split(",")]
    marks = ", ".join("?" * sum(given))
    chosen = ", ".join(compress(columns, given))
    return f"{head}({chosen}) VALUES ({marks})"


def insertion(name: str, row: Sequence[Any]) -> tuple[str, list[Any]]:
    """The statement that inserts a row as the named one would, and what goes into it."""
    given = tuple(map(is_not, row, repeat(None)))
    return insert(name, given), list(compress(row, given))


def moving(move: JobMove, version: int) -> tuple[tuple[int, ...], list[Any]]:
    """Which columns a move changes, by their places in PROGRESS, and what `move_job` binds."""
    changed, row = codec.progress_change(move.was, move.now, version)
    row += (move.id, move.was.version, move.was.state._value_)
    return changed, row


class Group:
    """One transaction's work: units are applied one by one, then `finish` ends it."""

    def __init__(self, db: sqlite3.Connection, at: int, *, careful: bool = True) -> None:
        """Begin where the log ends.

        Args:
            db: The connection, inside a transaction.
            at: The instant of all events.
            careful: Refuse single units; otherwise the first refusal is raised, and the
                whole transaction has to be rolled back.
        """
        self._db = db
        self._at = at
        self._careful = careful
        self._run = db.cursor().execute
        self._epoch: int
        self._seq: int
        self._epoch, self._seq = db.execute(QUERIES["begin_group"]).fetchone()
        self._began = self._seq
        self._events: list[Event] = []
        self._sums = Tally()
        self._next_job = 0

    def apply(self, unit: Unit) -> Written | EngineError:
        """Write a unit, or leave no trace of it and say why."""
        if unit.epoch != self._epoch:
            return StaleEpoch(f"this is epoch {self._epoch}; {unit.epoch} may not write")
        if not self._careful:
            return self._write(unit)
        self._run(QUERIES["save"])
        try:
            written = self._write(unit)
        except (StaleLease, KeyTaken) as refusal:
            self._run(QUERIES["undo"])
            self._run(QUERIES["keep"])
            return refusal
        self._run(QUERIES["keep"])
        return written

    def finish(self) -> None:
        """Write what all units add up to: the log, the sums, the next id."""
        self._db.executemany(QUERIES["insert_event"], map(codec.event_row, self._events))
        count_events(self._db, self._events)
        self._sums.write(self._db)
        if self._next_job:
            self._run(QUERIES["raise_next_job"], {"next": self._next_job})
        keep_when_due(self._db, self._began, self._seq)

    def _write(self, unit: Unit) -> Written:
        versions = self._versions(unit)
        seq = self._seq + len(unit.events)
        self._compare(unit.unchanged)
        self._move_jobs(unit.moves, versions)
        for edit in unit.edits:
            self._edit_job(edit, versions)
        self._tell_who_waits(unit)
        for attempt_move in unit.attempt_moves:
            self._move_attempt(attempt_move)
        for attempt in unit.ended_leases:
            self._run(QUERIES["end_lease"], (attempt,))
        for new in unit.new_jobs:
            self._insert_job(new, versions[new.id])
        for made, lease in unit.new_attempts:
            self._insert_attempt(made, lease)
        for was, queue in unit.queues:
            self._put_queue(was, queue, seq)
        for was, array in unit.arrays:
            self._put_array(was, array, seq)
        for worker in unit.workers:
            self._move_worker(worker, seq)
        crons.move_all(self._db, unit.crons)
        hooks.mark(self._db, unit.hooks_seq)
        if unit.carried is not None:
            carried = promises.carried_body(unit.carried)
            self._run(QUERIES["set_meta"], {"key": "carried", "value": carried})
        if unit.modes is not None:
            modes = codec.encode(unit.modes)
            self._run(QUERIES["set_meta"], {"key": "modes", "value": modes})
            self._run(PUT_PLACE, ("modes", "", seq, modes))
        if unit.acknowledged is not None:
            known = codec.encode(unit.acknowledged)
            self._run(QUERIES["set_meta"], {"key": "acknowledged", "value": known})
        for request in unit.requests:
            self._put_request(*request)
        if unit.flows or unit.results:
            write_flows(self._db, unit)
        if unit.leavings is not None:
            write_leavings(self._db, unit.leavings)
        self._count(unit)
        return self._accept(unit, versions)

    def _versions(self, unit: Unit) -> dict[JobId, int]:
        """The sequence number of the last event about each job that the unit changes."""
        named = {draft.job: seq for seq, draft in enumerate(unit.events, self._seq + 1)}
        last = self._seq + len(unit.events)
        versions = {new.id: named.get(new.id, last) for new in unit.new_jobs}
        for move in unit.moves:
            if move.id not in named:
                raise ValueError(f"job {move.id} moves without an event that names it")
            versions[move.id] = named[move.id]
        if unit.new_jobs and not unit.events:
            raise ValueError("a unit with new jobs needs an event")
        return versions

    def _compare(self, unchanged: Sequence[tuple[JobId, int]]) -> None:
        for job, version in unchanged:
            if not self._run(QUERIES["job_is_unchanged"], (job, version)).fetchone():
                raise StaleLease(f"job {job} has changed since version {version}")

    def _move_jobs(self, moves: Sequence[JobMove], versions: Mapping[JobId, int]) -> None:
        """Set the columns of jobs, in order; neighbours that change alike go together."""
        all_ = (moving(move, versions[move.id]) for move in moves)
        for changed, alike in groupby(all_, key=itemgetter(0)):
            rows = [row for _, row in alike]
            if len(rows) == 1 or self._careful:
                for row in rows:
                    self._move_job(changed, row)
            else:
                self._move_alike(changed, rows)

    def _move_alike(self, changed: tuple[int, ...], rows: Sequence[list[Any]]) -> None:
        """Move many by one statement. Raises: StaleLease, which does not say whose."""
        try:
            found = self._db.executemany(move_job(changed), rows).rowcount
        except sqlite3.IntegrityError:
            raise StaleLease("one of these jobs cannot have its key") from None
        if found != len(rows):
            raise StaleLease("one of these jobs has changed")

    def _move_job(self, changed: tuple[int, ...], row: Sequence[Any]) -> None:
        """Set these columns of one job; its id, version and state end the row."""
        job, version, _ = row[-3:]
        try:
            found = self._run(move_job(changed), row).rowcount
        except sqlite3.IntegrityError as error:
            raise self._key_taken(job, error) from None
        if found != 1:
            raise StaleLease(f"job {job} has changed since version {version}")

    def _edit_job(self, edit: JobEdit, versions: Mapping[JobId, int]) -> None:
        if edit.id not in versions:
            raise ValueError(f"job {edit.id} is edited without a move")
        try:
            self._run(QUERIES["edit_job"], (*codec.edit_row(edit.spec, edit.shape), edit.id))
        except sqlite3.IntegrityError as error:
            raise key_taken(self._db, edit.spec.tenant, edit.spec.key, error) from None
        self._run(QUERIES["edit_spec"], (codec.spec_bytes(edit.spec), edit.id))
        put_edges(self._db, [(edit.id, edit.spec.constraints.edges)])

    def _tell_who_waits(self, unit: Unit) -> None:
        """Mark what has ended of that for which edited jobs wait, and those that wait again."""
        waiting = {edit.id for edit in unit.edits if edit.spec.constraints.edges}
        for move in unit.moves:
            if move.now.state is State.PENDING and move.was.state in FINAL:
                waiting.add(move.id)
        for job in sorted(waiting):
            self._run(QUERIES["news_for_new"], {"job": job})

    def _move_attempt(self, move: AttemptMove) -> None:
        now = move.now
        row = codec.attempt_row(now)[2:]
        row += (now.job, now.id, move.was_epoch, move.was_phase._value_)
        if self._run(QUERIES["move_attempt"], row).rowcount != 1:
            raise StaleLease(
                f"attempt {now.id} is no longer {move.was_phase} under epoch {move.was_epoch}"
            )
        if now.epoch != move.was_epoch:
            self._run(QUERIES["adopt_lease"], (now.epoch, now.id))

    def _insert_job(self, new: NewJob, version: int) -> None:
        insert_jobs(self._db, [new], version)
        self._next_job = max(self._next_job, new.id + 1)

    def _insert_attempt(self, attempt: Attempt, lease: Lease) -> None:
        try:
            self._run(*insertion("insert_attempt", codec.attempt_row(attempt)))
            self._run(QUERIES["insert_lease"], codec.lease_row(lease))
        except sqlite3.IntegrityError:
            raise StaleLease(f"job {attempt.job} has a live lease already") from None

    def _put_queue(self, was: int, queue: Queue, seq: int) -> None:
        name = "move_queue" if was else "insert_queue"
        columns = codec.queue_row(queue, was + 1)
        if self._run(QUERIES[name], {**columns, "was": was}).rowcount != 1:
            raise StaleLease(f"queue {queue.name!r} has changed since version {was}")
        self._run(PUT_PLACE, ("queue", queue.name, seq, codec.encode(columns)))

    def _put_array(self, was: int, array: Array, seq: int) -> None:
        name = "move_array" if was else "insert_array"
        columns = codec.array_row(array, was + 1)
        if self._run(QUERIES[name], {**columns, "was": was}).rowcount != 1:
            raise StaleLease(f"array {array.id} has changed since version {was}")
        self._run(PUT_PLACE, ("array", str(array.id), seq, codec.encode(columns)))

    def _move_worker(self, move: WorkerMove, seq: int) -> None:
        name = "remove_worker" if move.now is None else "put_worker"
        row: dict[str, Any] = {"name": move.name, "was": move.was_version}
        if move.now is not None:
            row["body"] = codec.encode(replace(move.now, version=move.was_version + 1))
        if self._run(QUERIES[name], row).rowcount != 1:
            raise StaleLease(
                f"worker {move.name!r} has changed since version {move.was_version}"
            )
        self._run(PUT_PLACE, ("worker", move.name, seq, row.get("body")))

    def _put_request(self, key: str, first: int, last: int) -> None:
        row = {"key": key, "first": first, "last": last, "at": self._at}
        if self._run(QUERIES["insert_request"], row).rowcount != 1:
            raise KeyTaken(f"the submission {key!r} was stored before", field="request")

    def _key_taken(self, job: JobId, error: sqlite3.IntegrityError) -> KeyTaken:
        tenant, key = self._run("SELECT tenant, key FROM jobs WHERE id = ?", (job,)).fetchone()
        return key_taken(self._db, tenant, key, error)

    def _count(self, unit: Unit) -> None:
        for move in unit.moves:
            self._sums.move(move)
        for new in unit.new_jobs:
            self._sums.add(new)

    def _accept(self, unit: Unit, versions: dict[JobId, int]) -> Written:
        images = {move.id: move.now for move in unit.moves}
        images |= {new.id: new.now for new in unit.new_jobs}
        events = []
        for seq, draft in enumerate(unit.events, self._seq + 1):
            is_last = draft.job is not None and versions.get(draft.job) == seq
            image = images.get(draft.job) if is_last and draft.job is not None else None
            events.append(codec.event(draft, seq, self._at, image))
        self._seq += len(events)
        self._events += events
        return Written(events, versions)


def insert_jobs(db: sqlite3.Connection, jobs: Sequence[NewJob], version: int) -> None:
    """Insert jobs with their specs and dependencies.

    Raises:
        KeyTaken: a live job has the key of one of them.
    """
    for new in jobs:
        try:
            db.execute(*insertion("insert_job", codec.job_row(new, version)))
        except sqlite3.IntegrityError as error:
            raise key_taken(db, new.spec.tenant, new.spec.key, error) from None
    db.executemany(
        QUERIES["insert_spec"], [(new.id, codec.spec_bytes(new.spec)) for new in jobs]
    )
    insert_dependencies(db, jobs)


def insert_dependencies(
    db: sqlite3.Connection, jobs: Sequence[NewJob], fresh: int = MAX_ID
) -> None:
    """Note what jobs wait for, and what of that has already ended.

    Args:
        db: The writing connection.
        jobs: New ones.
        fresh: Jobs from this id on are new too, so that none of them can have ended.
    """
    waiting = [(new.id, new.spec.constraints.edges) for new in jobs]
    waiting = [(job, edges) for job, edges in waiting if edges]
    if not waiting:
        return
    put_edges(db, waiting)
    older = [job for job, edges in waiting if any(edge.on < fresh for edge in edges)]
    db.executemany(QUERIES["news_for_new"], [{"job": job} for job in older])


def put_edges(db: sqlite3.Connection, waiting: Iterable[tuple[JobId, Sequence[Edge]]]) -> None:
    """Note what jobs wait for; what is noted already stays."""
    rows = [(job, edge.on, edge.after._value_) for job, edges in waiting for edge in edges]
    db.executemany(QUERIES["insert_dependency"], rows)


def key_taken(
    db: sqlite3.Connection, tenant: str, key: str | None, error: sqlite3.IntegrityError
) -> KeyTaken:
    """The refusal of a key, naming its holder; `error` itself if that was not about it."""
    names: dict[str, Any] = {"tenant": tenant, "key": key}
    holder = db.execute(QUERIES["job_with_key"], names).fetchone()
    if holder is None:
        raise error
    if any(first <= holder[0] <= last for first, last in db.execute(QUERIES["open_batches"])):
        text = f"the key {key!r} belongs to a job of a submission that is not complete yet"
        return KeyTaken(text, field="key", retry_after_s=1.0, details={"unseen": holder[0]})
    text = f"the key {key!r} belongs to job {holder[0]}, which has not ended"
    return KeyTaken(text, field="key", details={"job": holder[0]})
