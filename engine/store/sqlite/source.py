"""Where a list of jobs is read from: the jobs as they are, or as they were at an event.

A moment's jobs are those that have not changed since, and of the others the version that
held then. Which of the two indexes leads there faster depends on how long ago it was: the
versions that ended since, or the versions of the few jobs that there were.
"""
# ruff: noqa: S608

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.model.ids import Seq
from engine.model.job import Job, Progress
from engine.store import codec
from engine.store.sqlite import reads
from engine.store.sqlite.checkpoints import PAST

VERSIONS_PER_JOB: Final = 4
"""About how many versions a job leaves behind."""

CHANGING: Final = Progress.__struct_fields__
EDITED: Final = (
    "owner",
    "name",
    "key",
    "tags",
    "deadline_at",
    "max_attempts",
    "command",
    "goal",
    "session",
    "shape",
)
"""Columns that an edit of a waiting job may replace."""

DERIVED: Final[Mapping[str, str]] = {
    "rank": "(CASE WHEN unreachable_at IS NOT NULL OR needs_operator THEN 0 "
    "WHEN state = 'running' THEN 1 WHEN state = 'retrying' THEN 2 "
    "WHEN state = 'queued' THEN 3 WHEN state = 'pending' THEN 4 ELSE 5 END)",
    "rank_key": "(CASE WHEN unreachable_at IS NOT NULL OR needs_operator THEN state_at "
    "WHEN state = 'running' THEN coalesce(started_at, state_at) "
    "WHEN state = 'retrying' THEN coalesce(wake_at, state_at) "
    "WHEN state = 'queued' THEN priority WHEN state = 'pending' THEN 0 "
    "ELSE -coalesce(ended_at, state_at) END)",
    "mark": "(CASE WHEN kind = 'composite' THEN NULL "
    "WHEN state <> 'pending' AND state <> 'queued' AND state <> 'retrying' THEN NULL "
    "WHEN held_by IS NOT NULL THEN 'held' WHEN cancel_at IS NOT NULL THEN 'canceling' "
    "WHEN attempt IS NOT NULL THEN 'starting' WHEN unmet > 0 THEN 'unmet' "
    "WHEN state <> 'queued' THEN 'asleep' ELSE '' END)",
    "fp": "(json_extract(trouble, '$.fp'))",
}
"""Columns of `jobs` that follow from others, as the schema computes them."""

_SEEN: Final = (
    "(SELECT CASE WHEN b.last >= {job} THEN b.seq END FROM batches AS b"
    " WHERE b.first <= {job} ORDER BY b.first DESC LIMIT 1) <= :moment"
)
_VISIBLE: Final = (
    "NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL"
    " AND jobs.id BETWEEN b.first AND b.last)"
)
_SPECS_THEN: Final = (
    "(SELECT job, spec FROM spec_versions AS o WHERE to_seq > :moment AND NOT EXISTS"
    " (SELECT 1 FROM spec_versions AS p WHERE p.job = o.job AND p.to_seq > :moment"
    " AND p.to_seq < o.to_seq)"
    " UNION ALL SELECT job, spec FROM specs AS k WHERE NOT EXISTS"
    " (SELECT 1 FROM spec_versions AS p WHERE p.job = k.job AND p.to_seq > :moment)) AS s"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What stands behind FROM, in parts that have no job in common, with their parameters."""

    moment: Seq | None = None
    """None: now."""
    arms: tuple[str, ...] = ("jobs",)
    """Each stands behind a FROM of its own, so that each can go by its own index."""
    by_id: tuple[str, ...] = ("jobs",)
    """The same, for when one id is looked for."""
    names: Mapping[str, object] = field(default_factory=dict)
    is_edited: bool = False
    """Some specs were others then."""
    memo: dict[str, list[codec.Row]] = field(default_factory=dict, compare=False)
    """What was found of this moment before, and never changes."""

    def condition(self, db: sqlite3.Connection, sql: str) -> str:
        """A filter's condition, so that it fits this table and passes what could be seen."""
        if self.moment is None:
            return f"({sql}) AND {_VISIBLE}" if reads.hidden(db) else sql
        return sql.replace("specs AS s", _SPECS_THEN) if self.is_edited else sql

    def jobs(self, db: sqlite3.Connection, ids: Sequence[int]) -> list[Job]:
        """Those of `ids` that are there and visible, in the order asked for."""
        return reads.jobs(db, ids) if self.moment is None else jobs_then(db, self, ids)

    def counts(self, db: sqlite3.Connection) -> list[codec.Row]:
        """Queue, tenant, priority, state and number of each sort of jobs."""
        if self.moment is None:
            return reads.rows(db, "counts")
        if "counts" not in self.memo:
            self.memo["counts"] = counts_then(db, self.moment)
        return self.memo["counts"]


NOW: Final = Source()


def then(
    db: sqlite3.Connection, moment: Seq, memo: dict[str, list[codec.Row]] | None = None
) -> Source:
    """The jobs as they were when event `moment` was the newest."""
    below = one(db, "jobs_below", moment=moment) or 0
    head = reads.one(db, name="head")
    is_early = below * VERSIONS_PER_JOB < head - moment
    is_edited = one(db, "edited_after", moment=moment) is not None
    fixed = [name for name in columns(db) if name not in CHANGING]
    edits = (_edited(fixed),) if is_edited else ()
    return Source(
        moment=moment,
        arms=(_changed(fixed, is_early, is_edited), _unchanged(fixed, is_early), *edits),
        by_id=(_changed(fixed, True, is_edited), _unchanged(fixed, True), *edits),
        names={"moment": moment, "jobs_below": below},
        is_edited=is_edited,
        memo={} if memo is None else memo,
    )


def columns(db: sqlite3.Connection) -> list[str]:
    """The stored columns of `jobs` beside its id."""
    found = db.execute("SELECT name, hidden FROM pragma_table_xinfo('jobs')")
    return [name for name, hidden in found if not hidden and name != "id"]


def _changed(fixed: Sequence[str], is_early: bool, is_edited: bool) -> str:
    """The versions that held then, of jobs that have changed since."""
    kept = [f"j.{name}" for name in fixed] + [f"v.{name}" for name in CHANGING]
    index = "NOT INDEXED" if is_early else "INDEXED BY job_versions_until"
    edits = (
        " AND NOT EXISTS (SELECT 1 FROM spec_versions AS o"
        " WHERE o.job = v.job AND o.to_seq > :moment)"
    )
    return _with_derived(
        f"SELECT v.job AS id, {', '.join(kept)} FROM job_versions AS v {index}"
        f" CROSS JOIN jobs AS j ON j.id = v.job WHERE {_held('v')}{edits if is_edited else ''}"
    )


def _edited(fixed: Sequence[str]) -> str:
    """The same of jobs whose spec was another one."""
    kept = [f"{'o' if name in EDITED else 'j'}.{name}" for name in fixed]
    kept += [f"v.{name}" for name in CHANGING]
    return _with_derived(
        f"SELECT v.job AS id, {', '.join(kept)}"
        " FROM spec_versions AS o INDEXED BY spec_versions_until"
        " CROSS JOIN job_versions AS v ON v.job = o.job CROSS JOIN jobs AS j ON j.id = o.job"
        f" WHERE o.to_seq > :moment AND {_held('v')} AND NOT EXISTS"
        " (SELECT 1 FROM spec_versions AS p"
        " WHERE p.job = o.job AND p.to_seq > :moment AND p.to_seq < o.to_seq)"
    )


def _held(version: str) -> str:
    seen = _SEEN.format(job=f"{version}.job")
    return (
        f"{version}.to_seq > :moment AND {version}.from_seq <= :moment"
        f" AND {version}.job < :jobs_below AND ({version}.from_seq > 0 OR {seen})"
    )


def _with_derived(rows: str) -> str:
    added = ", ".join(f"{sql} AS {name}" for name, sql in DERIVED.items())
    return f"(SELECT *, {added} FROM ({rows}))"


def _unchanged(fixed: Sequence[str], is_early: bool) -> str:
    """Jobs that are still as they were then."""
    named = ", ".join(["id", *fixed, *CHANGING, *DERIVED])
    seen = _SEEN.format(job="id")
    hint, id_ = ("NOT INDEXED", "id") if is_early else ("", "+id")
    return (
        f"(SELECT {named} FROM jobs {hint} WHERE version <= :moment"
        f" AND {id_} < :jobs_below AND (version > 0 OR {seen}))"
    )


def jobs_then(db: sqlite3.Connection, source: Source, ids: Sequence[int]) -> list[Job]:
    """Those of `ids` that were there and visible, in the order asked for."""
    found = rows(db, "jobs_until", ids=codec.encode(ids), moment=source.moment)
    jobs = {row[0]: _job(db, source, row) for row in found}
    return [job for id_ in ids if (job := jobs.get(id_)) is not None]


def _job(db: sqlite3.Connection, source: Source, row: codec.Row) -> Job | None:
    """A job as it was; None if its batch was not seen yet."""
    job = codec.job(row)
    if job.now.version == 0 and not _is_seen(db, source, job.id):
        return None
    old = rows(db, "spec_until", job=job.id, moment=source.moment) if source.is_edited else []
    if old:
        spec, shape = old[0]
        return codec.job_with((job.id, spec, job.surroundings, shape, job.created_at), job.now)
    return job


def _is_seen(db: sqlite3.Connection, source: Source, job: int) -> bool:
    seen = reads.one(db, name="batch_seq", job=job)
    return seen is not None and source.moment is not None and seen <= source.moment


def job_then(db: sqlite3.Connection, source: Source, job: int) -> Job | None:
    """A job as it was."""
    return next(iter(jobs_then(db, source, [job])), None)


def counts_then(db: sqlite3.Connection, moment: Seq) -> list[codec.Row]:
    """The counters as they were: the last checkpoint, and what came after it."""
    found = rows(db, "checkpoint_until", moment=moment)
    if not found:
        return []
    [(after, kept)] = found
    numbers = {tuple(key): number for *key, number in codec.decode_list(kept)}
    for *key, number in rows(db, "counts_between", after=after, moment=moment):
        numbers[tuple(key)] = numbers.get(tuple(key), 0) + number
    return sorted((*key, number) for key, number in numbers.items() if number)


def rows(db: sqlite3.Connection, name: str, /, **values: object) -> list[codec.Row]:
    """All rows of a statement about the past."""
    return db.execute(PAST[name], values).fetchall()


def one(db: sqlite3.Connection, name: str, /, **values: object) -> int | None:
    """First column of its first row; None if it has none."""
    found = rows(db, name, **values)
    value: int | None = found[0][0] if found else None
    return value
