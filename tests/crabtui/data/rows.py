"""Job rows and pages for tests of the console."""

from typing import Any

from engine.control.views import JobRow, JobsPage

NOW = 1_700_000_000_000_000
SECOND = 1_000_000


def a_row(job: int = 1, state: str = "queued", **other: Any) -> JobRow:
    fields: dict[str, Any] = {
        "version": 1,
        "name": f"job {job}",
        "queue": "default",
        "priority": "normal",
        "created_at": NOW - 60 * SECOND,
        "queued_at": NOW - 60 * SECOND,
        "state_at": NOW - 60 * SECOND,
    }
    return JobRow(id=job, state=state, **{**fields, **other})


def a_page(ids: Any, *, offset: int = 0, total: int | None = None, seq: int = 1) -> JobsPage:
    rows = tuple(a_row(job) for job in ids)
    count = offset + len(rows) if total is None else total
    return JobsPage(jobs=rows, offset=offset, total=count, total_is_exact=True, seq=seq)
