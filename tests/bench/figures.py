"""Figures that several benches share: percentiles, medians of rounds, the machine."""

import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CORES = os.cpu_count() or 1


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, nearest rank."""
    ranked = sorted(values)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]


def latency(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds at the usual places."""
    at = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
    return {name: round(percentile(seconds, share) * 1000, 3) for name, share in at.items()}


def rate(work: Callable[[], object], count: int) -> float:
    """How many of `count` things a second `work` got done."""
    began_s = time.perf_counter()
    work()
    return count / (time.perf_counter() - began_s)


def alternating(rounds: int, **subjects: Callable[[], float]) -> dict[str, float]:
    """The median figure of each subject, measured in turns so that all see the same noise."""
    seen: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, measure in subjects.items():
            seen[name].append(measure())
    return {name: round(statistics.median(figures), 2) for name, figures in seen.items()}


def ratios(figures: dict[str, float], ours: str) -> dict[str, float]:
    """Our figure over each peer's; for rates, more is better."""
    return {
        f"{ours} / {peer}": round(figures[ours] / figure, 3)
        for peer, figure in figures.items()
        if peer != ours and figure
    }


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one bench, on the filesystem that `BENCH_DIR` names (default: temporary)."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=os.environ.get("BENCH_DIR")) as name:
        yield Path(name)


def machine() -> dict[str, Any]:
    """Where the figures come from: they mean nothing elsewhere, only the ratios do."""
    with scratch() as folder:
        return {
            "cores": CORES,
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "filesystem": _filesystem(folder),
        }


def _filesystem(folder: Path) -> str:
    command = (
        ["df", "-PT", str(folder)] if platform.system() == "Linux" else ["df", str(folder)]
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    words = done.stdout.splitlines()[-1].split() if done.returncode == 0 else []
    return words[1] if len(words) > 1 else "unknown"
