"""Receipts: what a submission is answered, the first time and when it is repeated."""

from collections.abc import Sequence
from itertools import chain

from engine.control.views import CreatedJob, Submitted
from engine.model.ids import JobId
from engine.store.protocol import NewJob, Store

SMALL = 100
"""Jobs that get an event each, and a line each in the answer; larger ones are batches."""


def answer_to(jobs: Sequence[NewJob], found: dict[JobId, JobId]) -> Submitted:
    """The answer to a submission: its new jobs, and those found in the place of others."""
    ids = [found.get(job.id, job.id) for job in jobs]
    return Submitted(
        count=len(ids),
        ids=ranges(ids),
        jobs=tuple(
            CreatedJob(id=found.get(job.id, job.id), created=job.id not in found)
            for job in jobs
        ),
    )


def keyed(request_key: str, runs: Sequence[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """What is remembered of a submission: each run of its ids under a key of its own."""
    return [(nth(request_key, n), *run) for n, run in enumerate(runs) if request_key]


def nth(request_key: str, place: int) -> str:
    """The key of a run of ids; of most submissions there is only the first."""
    return f"{request_key}\x1f{place}" if place else request_key


def answer_again(runs: Sequence[tuple[int, int]]) -> Submitted:
    """The answer to a submission that was stored before: the same ids, nothing created."""
    count = sum(last - first + 1 for first, last in runs)
    ids = chain.from_iterable(range(a, b + 1) for a, b in runs) if count <= SMALL else ()
    return Submitted(
        count=count,
        ids=tuple(runs),
        jobs=tuple(CreatedJob(id=JobId(id_), created=False) for id_ in ids),
    )


def ranges(ids: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Runs of consecutive ids, first and last of each, in the given order."""
    runs: list[tuple[int, int]] = []
    for id_ in ids:
        if runs and runs[-1][1] + 1 == id_:
            runs[-1] = (runs[-1][0], id_)
        else:
            runs.append((id_, id_))
    return tuple(runs)


async def known_ids(store: Store, request_key: str) -> list[tuple[int, int]]:
    """The ids with which a submission was answered before; none if it was not stored."""
    runs: list[tuple[int, int]] = []
    while request_key and (run := await store.request(nth(request_key, len(runs)))):
        runs.append(run)
    return runs
