"""What an attempt used, in a few lines: a number for each thing, and how it went."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from crabtui.data.gauges import spark
from crabtui.data.wording import duration
from engine.control.views import UsageView
from engine.model.sight import Usage

WIDTH: Final = 30


def usage_lines(usage: UsageView, width: int = WIDTH) -> list[tuple[str, str]]:
    """Name and text of each line; a sparkline where there is something to draw."""
    shares = cpu_percents(usage.samples)
    lines = [
        ("cpu", f"{cpu_text(usage.cpu_ms)}{_most(shares)}", shares),
        (
            "memory",
            f"{memory_text(usage.peak_memory_mb)} at most",
            [one.memory_mb for one in usage.samples],
        ),
    ]
    if usage.peak_gpu_mb is not None:
        held = [one.gpu_mb or 0 for one in usage.samples]
        lines.append(("gpu", f"{memory_text(usage.peak_gpu_mb)} at most", held))
    return [(name, _drawn(text, values, width)) for name, text, values in lines]


def cpu_percents(samples: Sequence[Usage]) -> list[int]:
    """CPU between each two samples, in percent of one core; none goes below 0."""
    return [
        max(0, (after.cpu_ms - before.cpu_ms) * 100_000 // (after.at - before.at))
        for before, after in pairwise(samples)
        if after.at > before.at
    ]


def cpu_text(ms: int) -> str:
    """A time of work: `340 ms`, `12.5 s`, `3h12m`."""
    if ms < 1000:
        return f"{ms} ms"
    return f"{ms / 1000:.1f} s" if ms < 60_000 else duration(ms * 1000)


def memory_text(amount_mb: int) -> str:
    """`812 MB`, `3.4 GB`."""
    return f"{amount_mb} MB" if amount_mb < 1024 else f"{amount_mb / 1024:.1f} GB"


def _most(shares: Sequence[int]) -> str:
    return f", {max(shares)}% at most" if shares else ""


def _drawn(text: str, values: Sequence[int], width: int) -> str:
    if len(values) < 2:
        return text
    return f"{text}  {spark(values, min(width, len(values)))}"
