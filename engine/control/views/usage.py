"""What attempts used of their hosts."""

from engine.control.views.view import View
from engine.model.sight import Usage


class UsageView(View, frozen=True, omit_defaults=True):
    """One attempt: the most of each thing, and how it went."""

    attempt: str
    worker_id: str
    cpu_ms: int
    """CPU time of all its processes, as it was measured last."""
    peak_memory_mb: int
    peak_processes: int
    peak_gpu_mb: int | None = None
    """None: its processes held no memory of a device."""
    samples: tuple[Usage, ...] = ()
    """Oldest first, at most some 240: each has the most since the one before."""


class JobUsage(View, frozen=True):
    """Each attempt of a job that was measured, oldest first."""

    attempts: tuple[UsageView, ...]
