"""`python -m tests.torture.links --cuts 300 --partitions 50 --seed 7`: bad lines, counted."""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.torture.cuts import cuts
from tests.torture.silence import partitions
from tests.torture.storm import Report


def main() -> int:
    """1 if anything was lost, doubled, untrue or torn; the folder is kept then."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.links", description=__doc__)
    parser.add_argument("--cuts", type=int, default=300)
    parser.add_argument("--kills", type=int, default=None, help="of the daemon; cuts / 15")
    parser.add_argument("--partitions", type=int, default=50, help="longer than a lease")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="links-"))
    print(f"seed {asked.seed}, in {folder}", flush=True)
    kills = asked.cuts // 15 if asked.kills is None else asked.kills
    faults = 0
    if asked.cuts:
        faults += tell(*cuts(folder / "c", cuts=asked.cuts, kills=kills, seed=asked.seed))
    if asked.partitions:
        half, seed = asked.partitions // 2, asked.seed
        keep, flap = asked.partitions - half, asked.partitions // 5
        faults += tell(*partitions(folder / "p", keep=keep, replace=half, flap=flap, seed=seed))
    if not faults:
        shutil.rmtree(folder)
    return bool(faults)


def tell(report: Report, counts: Counter[str]) -> int:
    """Print what happened; how many faults there were."""
    for fault in report.faults:
        print(f"FAULT {fault}")
    for what, count in counts.most_common():
        print(f"{count:5} {what}")
    print(f"{report.jobs} jobs, {report.runs} runs, {len(report.faults)} faults", flush=True)
    return len(report.faults)


if __name__ == "__main__":
    sys.exit(main())
