"""What the console costs and how fast it answers, on a pty, beside a minimal Textual app."""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil

from tests.bench import load
from tests.bench.figures import latency, scratch
from tests.bench.key_to_paint import MARK, PEER, Changes, moves, watch
from tests.kit.daemon import RealDaemon
from tests.kit.terminal import Terminal

ROWS = 1_000_000
SIZE = {"columns": 120, "rows": 40}
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""As it is once installed: no start compiles the same sources anew, but for the first."""
ROUNDS = 5
SWITCHES = 40
IDLE_S = 20.0
KEYS_IN_LOG = 60
WRAPPED = "wrap (W)"
VIEWS = {"1": "[1 Pulse]", "2": "[2 Queues]", "3": "[3 Jobs]", "4": "[4 Workers]"}
WRITER = (
    "import sys, time\n"
    "began = time.monotonic()\n"
    "for number in range(10**9):\n"
    "    print('step', number, 'loss 0.123 and so on and so forth', flush=number % 50 == 0)\n"
    "    if number % 50 == 0: time.sleep(max(0, began + number / 5000 - time.monotonic()))\n"
)
"""5 000 lines a second."""


def measure() -> dict[str, Any]:
    """Milliseconds, shares of a core, MB and KB/s; ratios to the minimal app."""
    peer = [sys.executable, "-c", PEER]
    with scratch() as folder, RealDaemon(folder) as daemon:
        load.pause(daemon)
        load.write_jobs(folder / "jobs", ROWS)
        load.submit_file(daemon, folder / "jobs")
        ours = [sys.executable, "-m", "crabtui", "jobs", "--state", str(daemon.state)]
        first = _first_paints(
            {
                "crabtui": (ours, "[3 Jobs]"),
                "crabtui with rows": (ours, MARK),
                "minimal_textual_app": (peer, MARK),
            }
        )
        idle = _at_rest(ours)
        quiet = latency(moves(ours))
        with Changes(daemon) as changes:
            busy = latency(moves(ours))
            written = _written(ours)
        switches = latency(_switches(ours))
    return {
        "rows": ROWS,
        "changes_per_s": round(changes.rate),
        "first_paint_ms": first,
        "key_to_paint_idle": quiet,
        "key_to_paint_busy": busy,
        "minimal_textual_app": latency(moves(peer)),
        "view_switch": switches,
        "live_log_key": latency(_in_live_log()),
        "idle_cpu_share": idle["cpu"],
        "rss_mb": idle["rss_mb"],
        "output_kb_per_s_busy": written,
        "ratios": {
            "first paint to a minimal app": round(
                first["crabtui"] / first["minimal_textual_app"], 2
            )
        },
        "targets": {
            "first paint to a minimal app": 2,
            "key_to_paint_idle p50": 10,
            "key_to_paint_busy": {"p50_ms": 10, "p95_ms": 50},
            "view_switch p50_ms": 25,
            "live_log_key p95_ms": 60,
            "idle_cpu_share": 0.02,
            "rss_mb": 120,
            "output_kb_per_s_busy": 200,
        },
    }


def _first_paints(subjects: dict[str, tuple[list[str], str]]) -> dict[str, float]:
    """Medians of milliseconds from the start of the process to its first picture."""
    seen: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, (argv, mark) in subjects.items():
            began_s = time.monotonic()
            with Terminal(argv, env=COMPILED, **SIZE) as terminal:
                terminal.wait_text(mark, timeout_s=30)
                seen[name].append((terminal.painted_at_s - began_s) * 1000)
    return {name: round(statistics.median(found), 1) for name, found in seen.items()}


def _at_rest(argv: list[str]) -> dict[str, float]:
    """What it takes of a core and of memory while nothing happens."""
    with Terminal(argv, **SIZE) as terminal:
        terminal.wait_text(MARK, timeout_s=30)
        watch(terminal, 3)
        process = psutil.Process(terminal.process.pid)
        before = process.cpu_times()
        watch(terminal, IDLE_S)
        after = process.cpu_times()
        spent_s = after.user + after.system - before.user - before.system
        rss_mb = round(process.memory_info().rss / 2**20, 1)
        return {"cpu": round(spent_s / IDLE_S, 4), "rss_mb": rss_mb}


def _written(argv: list[str]) -> float:
    """KB a second to the terminal while things change."""
    with Terminal(argv, **SIZE) as terminal:
        terminal.wait_text(MARK, timeout_s=30)
        watch(terminal, 2)
        before, began_s = len(terminal.raw), time.monotonic()
        watch(terminal, 10)
        seconds = time.monotonic() - began_s
        return round((len(terminal.raw) - before) / seconds / 1000, 1)


def _switches(argv: list[str]) -> list[float]:
    """Seconds from a view's key to its name in the tabs, each visited before."""
    with Terminal(argv, **SIZE) as terminal:
        terminal.wait_text(MARK, timeout_s=30)
        for key in VIEWS:
            _seconds(terminal, key, _shows(terminal, VIEWS[key]))
        keys = [list(VIEWS)[number % len(VIEWS)] for number in range(SWITCHES)]
        return [_seconds(terminal, key, _shows(terminal, VIEWS[key])) for key in keys]


def _in_live_log() -> list[float]:
    """Seconds from `W` to the word that lines are wrapped, over a log that rushes by."""
    with scratch() as folder, RealDaemon(folder) as daemon:
        job = daemon.submit({"command": [sys.executable, "-c", WRITER], "name": "writer"}).ids[
            0
        ][0]
        daemon.wait_state(job, "running")
        argv = [sys.executable, "-m", "crabtui", "ui", f"jobs/{job}"]
        with Terminal([*argv, "--state", str(daemon.state)], **SIZE) as terminal:
            terminal.wait_text("writer", timeout_s=30)
            terminal.write("l")
            terminal.wait_text("loss 0.123", timeout_s=30)
            watch(terminal, 2)
            seconds = []
            for _ in range(KEYS_IN_LOG // 2):
                seconds.append(_seconds(terminal, "W", _shows(terminal, WRAPPED)))
                seconds.append(_seconds(terminal, "W", lambda: WRAPPED not in terminal.text))
            return seconds


def _shows(terminal: Terminal, text: str) -> Callable[[], bool]:
    return lambda: text in terminal.text


def _seconds(terminal: Terminal, key: str, seen: Callable[[], bool]) -> float:
    """From pressing a key to the paint that shows what it did."""
    watch(terminal, 0.15)
    began_s = time.monotonic()
    terminal.write(key)
    terminal.wait_screen(lambda _: seen(), timeout_s=10)
    return terminal.painted_at_s - began_s
