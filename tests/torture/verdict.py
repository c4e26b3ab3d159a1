"""After the storm: is every job there, once, with the right end and a whole log?"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from engine.control.blocking import BlockingClient
from engine.control.messages import ListJobs, ReadLog, ShowJob
from engine.control.views import AttemptView, JobView, LogChunk
from engine.errors import Unreachable
from tests.kit.waiting import wait_until
from tests.torture import book
from tests.torture.plan import Planned


def faults(
    client: BlockingClient,
    plans: Iterable[Planned],
    written: str,
    others: Collection[str] = (),
) -> list[str]:
    """Everything that is wrong, in words; empty if nothing is.

    Args:
        client: Asked for what the daemon knows.
        plans: What was submitted,
        written: and what of it ran.
        others: Names of jobs that are judged elsewhere.
    """
    lines = {name: said for name, said in book.read(written).items() if name not in others}
    expected = {plan.name: plan for plan in plans}
    found = list(_strangers(lines, expected))
    ids = _ids_by_name(client)
    for name in ids.keys() - expected.keys() - set(others):
        found.append(f"{name}: nobody submitted it")
    for name, plan in expected.items():
        found += _faults_of(client, plan, ids.get(name, []), lines.get(name, []))
    return found


def _strangers(
    lines: Mapping[str, list[book.Line]], expected: Mapping[str, Planned]
) -> Iterator[str]:
    return (f"{name}: ran, but nobody submitted it" for name in lines.keys() - expected.keys())


def _faults_of(
    client: BlockingClient, plan: Planned, ids: list[int], lines: list[book.Line]
) -> list[str]:
    if len(ids) != 1:
        return [f"{plan.name}: stored {len(ids)} times: {ids}"]
    detail = client.call(ShowJob(id=ids[0]))
    ran = [attempt for attempt in detail.attempts if attempt.verdict != "void"]
    found = book.faults(lines, plan.runs) + list(_end_faults(plan, detail.job, ran))
    for attempt in ran:
        found += _log_faults(client, plan, detail.job.id, attempt)
    return [f"{plan.name} (#{ids[0]}): {fault}" for fault in found]


def _end_faults(plan: Planned, job: JobView, ran: list[AttemptView]) -> Iterator[str]:
    if (job.state, job.exit_code) != (plan.state, plan.code):
        yield f"{job.state} with {job.exit_code}, not {plan.state} with {plan.code}"
    codes = [attempt.exit_code for attempt in ran]
    if codes != [9] * (plan.runs - 1) + [plan.code]:
        yield f"its attempts exited with {codes}"
    if any(attempt.completed_at is None for attempt in ran):
        yield "an attempt has no end"


def _log_faults(
    client: BlockingClient, plan: Planned, job: int, attempt: AttemptView
) -> Iterator[str]:
    asked = ReadLog(id=job, attempt=attempt.number, offset=0, limit=262_144)
    chunk = wait_until(partial(_answered, client, asked), timeout_s=60, what="a log")
    if chunk.data.decode() != plan.log(attempt.id):
        yield f"the log of {attempt.id} is not whole: {len(chunk.data)} of {chunk.size} bytes"


def _answered(client: BlockingClient, asked: ReadLog) -> LogChunk | None:
    """None while its host is out of reach: lines may have been cut until just now."""
    try:
        return client.call(asked)
    except Unreachable:
        return None


def _ids_by_name(client: BlockingClient) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {}
    after: int | None = None
    while True:
        page = client.call(ListJobs(sort="id", after=after, count=500))
        for row in page.jobs:
            ids.setdefault(row.name, []).append(row.id)
        if page.next is None:
            return ids
        after = page.next
