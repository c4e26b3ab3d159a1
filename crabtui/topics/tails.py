"""The end of a job's log, as a glance at it beside a table."""

from dataclasses import dataclass
from typing import Final

from crabtui.topics.topic import Calls, Topic
from engine.control.messages import ReadLog
from engine.control.views import LogChunk

TAIL_BYTES: Final = 4 * 2**10


@dataclass(frozen=True, slots=True, kw_only=True)
class TailAim:
    """Of which log."""

    job: int
    stream: str = "out"


async def _tail(feed: Calls, aim: TailAim) -> LogChunk:
    ask = ReadLog(id=aim.job, stream=aim.stream, offset=-TAIL_BYTES, limit=TAIL_BYTES)
    return await feed.call(ask)


TAIL: Final = Topic[TailAim, LogChunk](
    name="tail", fetch=_tail, settle_s=0.08, gap_s=1.0, tells_errors=True
)
"""It grows unheard: it is read again with every pulse, once a second at most."""
