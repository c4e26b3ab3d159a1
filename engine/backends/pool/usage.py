"""What calls use that have a process to themselves."""

from collections.abc import Mapping

import psutil

from engine.model.ids import AttemptId
from engine.model.sight import Usage


def usages(pids: Mapping[AttemptId, int], now_at: int) -> dict[AttemptId, Usage]:
    """Of calls with a process to themselves; those that have ended are left out.

    Args:
        pids: Of their processes.
        now_at: UTC microseconds.
    """
    found = {attempt: _usage(pid, now_at) for attempt, pid in pids.items()}
    return {attempt: usage for attempt, usage in found.items() if usage is not None}


def _usage(pid: int, now_at: int) -> Usage | None:
    """Of a process and all that it has started."""
    try:
        top = psutil.Process(pid)
        all_ = [top, *top.children(recursive=True)]
        times = [one.cpu_times() for one in all_]
        memory = sum(one.memory_info().rss for one in all_)
    except psutil.Error:
        return None
    return Usage(
        at=now_at,
        cpu_ms=round(sum(time.user + time.system for time in times) * 1000),
        memory_mb=memory >> 20,
        processes=len(all_),
    )
