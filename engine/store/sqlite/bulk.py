"""Batches: jobs that are written bit by bit and become visible all at once."""

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from engine.errors import EngineError, NotFound
from engine.model.ids import Epoch, JobId
from engine.store import codec
from engine.store.protocol import NewJob, Unit, Written
from engine.store.sqlite.checkpoints import keep_after_batch
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.group import Group, insert_dependencies, insert_jobs, insertion
from engine.store.sqlite.tally import Tally

SLICE = 200
"""Jobs in one transaction of a batch: it takes about 5 ms, so that others get a turn."""


def take_over(db: sqlite3.Connection) -> Epoch:
    """Start a new epoch, and remove what earlier ones left half done."""
    epoch: int = db.execute(QUERIES["meta"], {"key": "epoch"}).fetchone()[0] + 1
    db.execute(QUERIES["set_meta"], {"key": "epoch", "value": epoch})
    for first, last in db.execute(QUERIES["open_batches"]).fetchall():
        drop(db, first, last)
    return Epoch(epoch)


def open_batch(db: sqlite3.Connection, first: JobId, last: JobId) -> None:
    """Hide a range of ids, and never give them to anybody else."""
    db.execute(QUERIES["open_batch"], {"first": first, "last": last})
    db.execute(QUERIES["raise_next_job"], {"next": last + 1})


def add(db: sqlite3.Connection, jobs: Sequence[NewJob]) -> Tally:
    """Write some jobs of an open batch; what they will add to the numbers.

    Raises:
        KeyTaken: a live job has the key of one of them; none was written.
        NotFound: their batch is not open, perhaps because a newer daemon swept it.
    """
    began = _check_open(db, jobs)
    if any(new.spec.key is not None for new in jobs):
        insert_jobs(db, jobs, 0)
    else:
        rows = (insertion("insert_job", codec.job_row(new, 0)) for new in jobs)
        for statement, alike in groupby(rows, key=itemgetter(0)):
            db.executemany(statement, [values for _, values in alike])
        specs = [(new.id, codec.spec_bytes(new.spec)) for new in jobs]
        db.executemany(QUERIES["insert_spec"], specs)
        insert_dependencies(db, jobs, began)
    sums = Tally()
    for new in jobs:
        sums.add(new)
    return sums


def commit(
    db: sqlite3.Connection,
    first: JobId,
    unit: Unit,
    sums: Tally,
    at: int,
) -> Written | EngineError:
    """Make a batch visible and countable together with `unit`."""
    group = Group(db, at)
    written = group.apply(unit)
    if isinstance(written, EngineError):
        return written
    seq = written.events[-1].seq
    if not db.execute(QUERIES["show_batch"], {"first": first, "seq": seq}).fetchone():
        raise NotFound(f"no open batch begins at job {first}")
    sums.write(db)
    group.finish()
    keep_after_batch(db, first, seq)
    return written


def drop(db: sqlite3.Connection, first: int, last: int) -> None:
    """Remove an open batch without a trace.

    Raises:
        NotFound: it is not open; perhaps it was committed.
    """
    if db.execute(QUERIES["drop_batch"], {"first": first}).rowcount != 1:
        raise NotFound(f"no open batch begins at job {first}")
    between = {"first": first, "last": last}
    for name in ("drop_batch_jobs", "drop_batch_specs", "drop_batch_dependencies"):
        db.execute(QUERIES[name], between)


def _check_open(db: sqlite3.Connection, jobs: Sequence[NewJob]) -> int:
    """The first id of the open batch that these jobs are of. Raises: NotFound."""
    least, most = min(new.id for new in jobs), max(new.id for new in jobs)
    ranges = db.execute(QUERIES["open_batches"]).fetchall()
    for first, last in ranges:
        if first <= least and most <= last:
            return int(first)
    raise NotFound(f"no open batch holds the jobs {least} to {most}")


def intern_shape(db: sqlite3.Connection, body: str) -> int:
    """The key of a shape, new or known."""
    db.execute(QUERIES["intern_shape"], {"body": body})
    found: int = db.execute(QUERIES["shape_key"], {"body": body}).fetchone()[0]
    return found


def intern_surroundings(db: sqlite3.Connection, digest: bytes, body: str) -> int:
    """The key of surroundings, new or known."""
    db.execute(QUERIES["intern_surroundings"], {"digest": digest, "body": body})
    found: int = db.execute(QUERIES["surroundings_key"], {"digest": digest}).fetchone()[0]
    return found
