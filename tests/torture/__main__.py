"""`python -m tests.torture --cycles 200 --seed 7`: the long version, with a verdict."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.flow_storm import flow_storm
from tests.torture.storm import storm


def main() -> int:
    """1 if anything was lost, doubled, untrue or torn; the folder is kept then."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--batch", type=int, default=6, help="jobs submitted in each cycle")
    parser.add_argument("--workflows", action="store_true", help="runs of workflows instead")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    print(f"seed {asked.seed}, {asked.cycles} cycles, in {folder}", flush=True)
    if asked.workflows:
        report = flow_storm(folder, cycles=asked.cycles, seed=asked.seed)
    else:
        report = storm(folder, cycles=asked.cycles, seed=asked.seed, batch=asked.batch)
    for fault in report.faults:
        print(f"FAULT {fault}")
    print(
        f"{report.cycles} kills ({report.killed_before_ready} before the daemon was ready), "
        f"{report.jobs} jobs, {report.runs} runs, {len(report.faults)} faults"
    )
    if not report.faults:
        shutil.rmtree(folder)
    return bool(report.faults)


if __name__ == "__main__":
    sys.exit(main())
