"""Last words: the last line that an attempt wrote to its stderr before it failed."""

from typing import Final

from engine.backends.protocol import Backend, HostState, Report
from engine.clock import Clock
from engine.errors import BackendError, UnusableState

LOOKED_BYTES: Final = 2_048
"""How much of the end of the log is looked at."""

LONGEST: Final = 200
"""Characters of a line that are kept."""

PATIENCE_S: Final = 2.0
"""An end does not wait longer than this for its last words."""

BY_ITSELF: Final = (None, "oom", "gpuoom", "gate")


def may_have_said_why(report: Report) -> bool:
    """Whether it failed by itself, so that its log may say why."""
    has_failed = report.signal is not None or report.code not in (None, 0)
    return report.state is HostState.EXITED and report.why in BY_ITSELF and has_failed


async def last_words(backend: Backend, report: Report, clock: Clock) -> str:
    """The last line of its stderr that is not blank; empty if it cannot be read now."""
    reading = backend.tail(report.attempt, "err", -LOOKED_BYTES, LOOKED_BYTES)
    try:
        chunk = await clock.within(PATIENCE_S, reading)
    except (BackendError, UnusableState, TimeoutError, OSError):
        return ""
    return last_line(chunk.data)


def last_line(data: bytes) -> str:
    """The last line that is not blank, without what is no text."""
    lines = data.decode("utf-8", "replace").replace("\r", "\n").splitlines()
    told = (line.strip() for line in reversed(lines))
    return next((line[:LONGEST] for line in told if line), "")
