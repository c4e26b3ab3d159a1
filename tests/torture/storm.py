"""The storm: submit without pause while the daemon is killed at random instants."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from engine.control.messages import GetStats
from engine.errors import DoorError
from tests.kit.daemon import RealDaemon
from tests.kit.waiting import pause, wait_until
from tests.torture import verdict
from tests.torture.plan import Planned, a_batch

ENDS = ("succeeded", "failed", "canceled", "timeout", "skipped")


@dataclass(kw_only=True)
class Report:
    """What happened, and what was found wrong afterwards."""

    cycles: int
    seed: int
    jobs: int = 0
    runs: int = 0
    killed_before_ready: int = 0
    faults: list[str] = field(default_factory=list)


def storm(
    folder: Path, *, cycles: int, seed: int, batch: int = 6, most_s: float = 0.5
) -> Report:
    """Kill the daemon `cycles` times, each within `most_s` of a start, then judge.

    Args:
        batch: Jobs in one submission; one submission is made for each cycle.
    """
    report = Report(cycles=cycles, seed=seed)
    book = folder / "book"
    book.touch()
    daemon = RealDaemon(folder)
    submitter = Submitter(daemon, book, Random(seed + 1), batches=cycles, size=batch)
    try:
        submitter.start()
        _kill_again_and_again(daemon, Random(seed), report, most_s)
        daemon.start()
        submitter.finish()
        _judge(daemon, submitter.plans, book, report)
    finally:
        submitter.stop()
        daemon.close()
    return report


def _kill_again_and_again(
    daemon: RealDaemon, chance: Random, report: Report, most_s: float
) -> None:
    for _ in range(report.cycles):
        daemon.spawn()
        if chance.random() < 0.2:
            report.killed_before_ready += 1
        else:
            daemon.wait_ready()
        pause(chance.uniform(0, most_s))
        daemon.kill9()


def _judge(daemon: RealDaemon, plans: list[Planned], book: Path, report: Report) -> None:
    report.jobs = len(plans)
    report.runs = sum(plan.runs for plan in plans)
    with daemon.client() as client:

        def ended() -> bool:
            states = client.call(GetStats()).jobs.by_state
            return sum(states.get(state, 0) for state in ENDS) >= len(plans)

        try:
            wait_until(ended, timeout_s=60 + len(plans) / 10, gap_s=0.1, what="all jobs ended")
        except AssertionError as late:
            report.faults.append(str(late))
        report.faults += verdict.faults(client, plans, book.read_text())


class Submitter:
    """A client that repeats each submission, under one key, until it has the answer."""

    def __init__(
        self, daemon: RealDaemon, book: Path, chance: Random, *, batches: int, size: int
    ) -> None:
        self.plans: list[Planned] = []
        self._daemon = daemon
        self._book = book
        self._batches = [a_batch(chance, number, size) for number in range(batches)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="submitter")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def finish(self, *, timeout_s: float = 120) -> None:
        """Return when every batch is acknowledged."""
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), "some batch was never acknowledged"

    def _run(self) -> None:
        for number, batch in enumerate(self._batches):
            while not self._is_acknowledged(number, batch):
                if self._stop.wait(0.02):
                    return
            self.plans += batch

    def _is_acknowledged(self, number: int, batch: tuple[Planned, ...]) -> bool:
        asks = [plan.ask(self._book) for plan in batch]
        try:
            answer = self._daemon.submit(*asks, request_key=f"batch-{number}")
        except (DoorError, OSError):
            return False
        assert answer.count == len(batch)
        return True
