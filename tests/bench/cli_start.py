"""How long a command takes to come and go, against the interpreter alone."""

import statistics
import subprocess
import sys
import time
from typing import Any

from tests.bench.figures import scratch
from tests.kit.daemon import RealDaemon, job_environment

ROUNDS = 15
IMPORTS = "import click, msgspec, socket"


def measure() -> dict[str, Any]:
    """Median milliseconds, measured in turns."""
    with scratch() as folder, RealDaemon(folder) as daemon:
        crabtui = [sys.executable, "-m", "crabtui"]
        state = ["--state", str(daemon.state)]
        commands = {
            "interpreter": [sys.executable, "-c", "pass"],
            "interpreter with click and msgspec": [sys.executable, "-c", IMPORTS],
            "crabtui --help": [*crabtui, "--help"],
            "crabtui ls": [*crabtui, "ls", *state],
            "crabtui submit": [*crabtui, "submit", *state, "--", "true"],
        }
        taken = _by_turns(commands)
    return {
        "median_ms": taken,
        "ratios": {
            "interpreter with click and msgspec / crabtui submit": round(
                taken["interpreter with click and msgspec"] / taken["crabtui submit"], 3
            )
        },
        "targets": {"crabtui submit ms": 80},
    }


def _by_turns(commands: dict[str, list[str]]) -> dict[str, float]:
    seen: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            began_s = time.perf_counter()
            subprocess.run(
                command, env=job_environment(), check=True, capture_output=True, timeout=60
            )
            seen[name].append((time.perf_counter() - began_s) * 1000)
    return {name: round(statistics.median(figures), 1) for name, figures in seen.items()}
