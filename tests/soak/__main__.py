"""`python -m tests.soak --minutes 10`: the long version; exit 1 if anything grows."""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.soak.console import EVENTS_PER_S, Report, soak

MOST_GROWN_MB = 6.0


def faults(report: Report) -> list[str]:
    """What is wrong with it, in words."""
    found = []
    seconds = report.samples[-1].at_s
    if report.events < 0.5 * EVENTS_PER_S * seconds:
        found.append(f"only {report.events} events in {seconds} s: nothing was shown by it")
    if report.grown_mb > MOST_GROWN_MB:
        found.append(f"memory grew by {report.grown_mb:.1f} MB once it had settled")
    first, last = report.settled[0], report.settled[-1]
    for name in ("tasks", "descriptors", "threads"):
        before, after = getattr(first, name), getattr(last, name)
        if after > before + 2:
            found.append(f"{name} went from {before} to {after}")
    return found


def main() -> int:
    """Print the samples and a verdict."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes: float = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        report = asyncio.run(soak(Path(folder), minutes * 60))
    for sample in report.samples:
        print(json.dumps(asdict(sample)))
    wrong = faults(report)
    print(f"{report.events} events, {report.grown_mb:+.1f} MB, {len(wrong)} faults")
    for fault in wrong:
        print(f"FAULT {fault}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
