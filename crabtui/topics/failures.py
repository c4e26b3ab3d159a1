"""What is known of a failure beside its job: the end of its stderr, and failures like it."""

from dataclasses import dataclass
from typing import Final

from crabtui.topics.topic import Calls, Topic
from engine.control.messages import ListJobs, Pulse, ReadLog, ShowJob
from engine.control.views import JobRow
from engine.errors import EngineError

TAIL_BYTES: Final = 8 * 2**10
MOST_ALIKE: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a job went wrong, as far as can be told."""

    job: int
    stderr: bytes
    """Its end; as it was printed."""
    fp: str = ""
    """The fingerprint; empty: it has none."""
    alike: tuple[JobRow, ...] = ()
    """The newest other jobs that failed in the same way."""
    total: int = 0
    """How many others did."""


async def _failure(feed: Calls, job: int) -> Failure:
    detail = await feed.call(ShowJob(id=job))
    fp = str((detail.job.error or {}).get("fp", ""))
    stderr = await _end_of_stderr(feed, job)
    if not fp:
        return Failure(job=job, stderr=stderr)
    ask = ListJobs(where=f"fp:{fp}", sort="id", descending=True, count=MOST_ALIKE + 1)
    page = await feed.call(ask)
    others = tuple(row for row in page.jobs if row.id != job)[:MOST_ALIKE]
    return Failure(job=job, stderr=stderr, fp=fp, alike=others, total=max(page.total - 1, 0))


async def _end_of_stderr(feed: Calls, job: int) -> bytes:
    """Nothing, where there is no log, or no way to it."""
    ask = ReadLog(id=job, stream="err", offset=-TAIL_BYTES, limit=TAIL_BYTES)
    try:
        return (await feed.call(ask)).data
    except EngineError:
        return b""


def _is_in(pulse: Pulse, job: int) -> bool:
    return pulse.many or job in pulse.jobs


FAILURE: Final = Topic[int, Failure](
    name="failure", fetch=_failure, stirred=_is_in, settle_s=0.08, gap_s=1.0
)
"""Of the job with this id, which failed."""
