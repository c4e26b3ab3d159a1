"""From a key to the repainted cursor: 100 000 rows, 50 of them changing at 30 Hz, on a pty."""

import sys
import threading
import time
from random import Random
from typing import Any

from engine.control.messages import SetPriority, Targets
from tests.bench import load
from tests.bench.figures import latency, scratch
from tests.kit.daemon import RealDaemon
from tests.kit.terminal import Terminal
from tests.kit.waiting import wait_until

ROWS = 100_000
CHANGING = 50
FIRST = 11
"""Rows in view and below the cursor, so that no change moves the cursor's line."""
CHANGES_HZ = 30
KEYS = 150
DOWN, UP = "\x1b[B", "\x1b[A"
MARK = "\N{LEFT HALF BLOCK}"

PEER = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    at = 2
    def compose(self):
        yield Static("\\n\\n\\u258c", id="cursor")
    def on_key(self, event):
        self.at += {"down": 1, "up": -1}.get(event.key, 0)
        self.query_one(Static).update("\\n" * self.at + "\\u258c")
Minimal().run()
"""


def measure() -> dict[str, Any]:
    """Percentiles in milliseconds, beside those of a Textual app that only moves a mark."""
    with scratch() as folder, RealDaemon(folder) as daemon:
        load.pause(daemon)
        load.write_jobs(folder / "jobs", ROWS)
        load.submit_file(daemon, folder / "jobs")
        console = [sys.executable, "-m", "crabtui", "jobs", "--state", str(daemon.state)]
        with Changes(daemon) as changes:
            ours = moves(console)
        peer = moves([sys.executable, "-c", PEER])
    at = ("p50_ms", "p95_ms", "p99_ms")
    figures, bare = latency(ours), latency(peer)
    return {
        "rows": ROWS,
        "changes_per_s": round(changes.rate),
        "crabtui": figures,
        "minimal_textual_app": bare,
        "ratios": {
            name.replace("_ms", ""): round(bare[name] / figures[name], 3) for name in at
        },
        "targets": {"p95_ms": 50},
    }


class Changes:
    """Turns the priority of jobs in view down and up, as if many people were busy."""

    def __init__(self, daemon: RealDaemon) -> None:
        self.rate = 0.0
        """Changes a second that the daemon carried out."""
        self._daemon = daemon
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Changes":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        ids = tuple(range(FIRST, FIRST + CHANGING))
        began_s, made, step = time.perf_counter(), 0, -1
        with self._daemon.client() as client:
            while not self._stop.wait(
                max(0, began_s + made / CHANGES_HZ - time.perf_counter())
            ):
                client.call(SetPriority(targets=Targets(ids=ids), raise_by=step))
                made, step = made + 1, -step
        self.rate = made * CHANGING / (time.perf_counter() - began_s)


def moves(argv: list[str]) -> list[float]:
    """Seconds from each of many arrow keys to the moved cursor."""
    phases = Random(1)
    with Terminal(argv, columns=120, rows=40) as terminal:
        terminal.wait_text(MARK, timeout_s=30)
        watch(terminal, 2)
        keys = (DOWN if number % 8 < 4 else UP for number in range(KEYS))
        return [_move(terminal, key, phases) for key in keys]


def watch(terminal: Terminal, seconds: float) -> None:
    """Take what is painted for a while: a console at work is measured, not one that starts."""
    ends_s = time.monotonic() + seconds
    while (left_s := ends_s - time.monotonic()) > 0:
        terminal.read(timeout_s=left_s)


def _move(terminal: Terminal, key: str, phases: Random) -> float:
    watch(terminal, phases.uniform(0.02, 0.06))
    before = _cursor(terminal)
    began_s = time.monotonic()
    terminal.write(key)
    wait_until(
        lambda: terminal.read(timeout_s=0.5) and _cursor(terminal) not in (None, before),
        gap_s=0,
        timeout_s=10,
        what=f"a moved cursor, on\n{terminal.text}",
    )
    return terminal.painted_at_s - began_s


def _cursor(terminal: Terminal) -> int | None:
    marked = [number for number, line in enumerate(terminal.lines) if MARK in line]
    return marked[-1] if marked else None
