"""Partitions longer than a lease: who is kept comes back whole, who is replaced has ended."""

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from engine.control.messages import ListJobs, ReadLog, ShowJob
from engine.control.views import JobDetail
from engine.policy.jobs.partitions import gives_up_after_ms
from tests.kit.proxy import DOWN, UP
from tests.kit.waiting import NotInTimeError, pause, wait_until
from tests.torture import book
from tests.torture.cuts import three_hosts
from tests.torture.far import TTL_S, Far, Workers
from tests.torture.judging import judge
from tests.torture.plan import LAST_CODES, Planned
from tests.torture.storm import Report

GRACE_MS = 200
GIVES_UP_S = gives_up_after_ms(round(TTL_S * 1000), GRACE_MS) / 1000
MOST_BEATS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Beating:
    """A job that writes into the book all the time, until its gate is opened."""

    name: str
    code: int
    stubborn: bool
    """It leaves for nothing but KILL."""
    gate: Path

    def ask(self, written: Path) -> dict[str, Any]:
        """The job as a client submits it."""
        return {
            "name": self.name,
            "command": ["/bin/sh", "-c", self._script(written)],
            "resources": {"cpu": 0.25},
            "on_partition": "replace",
            "grace": f"{GRACE_MS}ms",
        }

    def _script(self, written: Path) -> str:
        target, gate = shlex.quote(str(written)), shlex.quote(str(self.gate))
        said = f'"{self.name} $CRAB_ATTEMPT'
        return "\n".join(
            [
                "trap '' TERM" if self.stubborn else "",
                f'echo {said} start" >>{target}; n=0',
                f"while [ ! -e {gate} ] && [ $n -lt {MOST_BEATS} ]; do",
                f'    echo {said} beat" >>{target}; echo "$CRAB_ATTEMPT $n"; n=$((n + 1))',
                "    sleep 0.05",
                "done",
                f'echo "$CRAB_ATTEMPT over"; echo {said} end" >>{target}',
                f"exit {self.code}",
            ]
        )


class Divider:
    """Makes one worker silent after the other, for as long as it takes."""

    def __init__(self, workers: Workers, folder: Path, chance: Random) -> None:
        self.kept: list[Planned] = []
        self.replaced: list[Beating] = []
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self._workers = workers
        self._daemon = workers.daemon
        self._folder = folder
        self._book = folder / "book"
        self._chance = chance

    def keep(self) -> None:
        """Nothing is known of its jobs for a while; in the end all of it is."""
        far = self._chance.choice(self._workers.fars)
        plans = [self._planned(far, number) for number in range(3)]
        self.kept += plans
        asks = [plan.ask(self._book) | {"worker": far.name} for plan in plans]
        ids = _ids(self._daemon.submit(*asks).ids)
        for plan in plans:
            self._wait_written(f"{plan.name} ", 20)
        self._part(far)
        self._wait_unreachable(ids)
        self._perhaps_kill()
        for plan in plans:
            self._wait_written(f"{plan.name} .* end", 20)
        pause(self._chance.uniform(0, 1))
        self.faults += [f"{fault} while away" for fault in self._ended(ids)]
        self._workers.mend()
        self.counts["partitions with keep"] += 1

    def replace(self) -> None:
        """Its jobs run elsewhere, once they run there no more; it may be back before that."""
        far = self._chance.choice(self._workers.fars)
        jobs = [self._beating(far, number) for number in range(3)]
        self.replaced += jobs
        asks = [job.ask(self._book) for job in jobs]
        asks[0] = asks[0] | {"worker": far.name}  # one that can go nowhere else
        self._daemon.submit(*asks)
        for job in jobs:
            self._wait_written(f"{job.name} ", 20)
        self._part(far)
        is_short = self._chance.random() < 0.5
        pause(self._chance.uniform(0.3 * TTL_S, GIVES_UP_S + 1) if is_short else GIVES_UP_S + 1)
        self._perhaps_kill()
        if not is_short:
            self._wait_replaced(far, jobs)
        self._open(jobs)
        self.counts[f"partitions with replace, {'back soon' if is_short else 'over'}"] += 1

    def flap(self) -> None:
        """A line that comes and goes, each time for about as long as a lease."""
        far = self._chance.choice(self._workers.fars)
        jobs = [self._beating(far, number) for number in range(3)]
        self.replaced += jobs
        self._daemon.submit(*[job.ask(self._book) | {"worker": far.name} for job in jobs])
        for job in jobs:
            self._wait_written(f"{job.name} ", 20)
        for _ in range(6):
            self._part(far)
            pause(self._chance.uniform(0, 1.5 * TTL_S))
            self._perhaps_kill()
            far.proxy.mend()
            pause(self._chance.uniform(0, TTL_S))
        self._open(jobs)
        self.counts["lines that come and go"] += 1

    def judge(self) -> Iterator[str]:
        """What is wrong with those that were to be replaced."""
        lines = book.read(self._book.read_text())
        with self._daemon.client() as client:
            rows = {row.id: row.name for row in client.call(ListJobs(count=500)).jobs}
            ids = {name: number for number, name in rows.items()}
            for job in self.replaced:
                detail = client.call(ShowJob(id=ids[job.name]))
                yield from book.replaced(lines.get(job.name, []))
                yield from _wrong_end(detail, job)
                asked = ReadLog(id=detail.job.id, offset=-64)
                if not client.call(asked).data.endswith(b" over\n"):
                    yield f"{job.name}: the log of its last run has no end"

    def _open(self, jobs: Sequence[Beating]) -> None:
        """Let them end, once every worker is there again."""
        self._workers.mend()
        pause(self._chance.uniform(0, 0.5))
        for job in jobs:
            job.gate.touch()
        for job in jobs:
            self._wait_written(f"{job.name} .* end", 40)

    def _planned(self, far: Far, number: int) -> Planned:
        return Planned(
            name=f"kept-{len(self.kept)}-{number}-{far.name}",
            runs=1,
            code=self._chance.choice(LAST_CODES),
            lines=self._chance.choice((20, 200)),
            sleep_ms=self._chance.choice((300, 1500, 4000)),
        )

    def _beating(self, far: Far, number: int) -> Beating:
        name = f"moved-{len(self.replaced)}-{number}-{far.name}"
        return Beating(
            name=name,
            code=self._chance.choice(LAST_CODES),
            stubborn=self._chance.random() < 0.3,
            gate=self._folder / f"gate-{name}",
        )

    def _part(self, far: Far) -> None:
        proxy = far.proxy
        ways: Sequence[Callable[[], None]] = (
            proxy.refuse,
            proxy.stall,
            lambda: proxy.stall(UP),
            lambda: proxy.stall(DOWN),
        )
        self._chance.choice(ways)()

    def _perhaps_kill(self) -> None:
        if self._chance.random() < 0.2:
            self.counts["daemon killed"] += 1
            self._daemon.restart()

    def _wait_written(self, pattern: str, seconds: float) -> None:
        def look() -> bool:
            return re.search(f"^{pattern}", self._book.read_text(), re.MULTILINE) is not None

        try:
            wait_until(look, timeout_s=seconds, gap_s=0.05, what=f"`{pattern}` in the book")
        except NotInTimeError as late:
            self.faults.append(str(late))

    def _wait_unreachable(self, ids: Sequence[int]) -> None:
        with self._daemon.client() as client:

            def look() -> bool:
                jobs = [client.call(ShowJob(id=number)).job for number in ids]
                return all(job.unreachable_at or job.completed_at for job in jobs)

            try:
                wait_until(look, timeout_s=20, gap_s=0.05, what=f"{ids} are out of sight")
            except NotInTimeError as late:
                self.faults.append(str(late))

    def _wait_replaced(self, far: Far, jobs: Sequence[Beating]) -> None:
        """Those that ran there and may go elsewhere run elsewhere."""
        for job in jobs[1:]:
            lines = book.read(self._book.read_text())[job.name]
            if self._worker_of(lines[0][1]) == far.name:
                self._wait_second(job)

    def _worker_of(self, attempt: str) -> str:
        with self._daemon.client() as client:
            detail = client.call(ShowJob(id=int(attempt.split("-")[0])))
        return next(one.worker_id for one in detail.attempts if one.id == attempt)

    def _wait_second(self, job: Beating) -> None:
        def look() -> bool:
            lines = book.read(self._book.read_text())[job.name]
            return len({attempt for _, attempt, _ in lines}) > 1

        try:
            wait_until(look, timeout_s=30, gap_s=0.05, what=f"{job.name} runs elsewhere")
        except NotInTimeError as late:
            self.faults.append(str(late))

    def _ended(self, ids: Sequence[int]) -> list[str]:
        """Those of which an end is told that nobody can know."""
        with self._daemon.client() as client:
            jobs = [client.call(ShowJob(id=number)).job for number in ids]
        return [
            f"{job.name} is {job.state}"
            for job in jobs
            if job.completed_at is not None and job.state == "failed" and job.exit_code is None
        ]


def partitions(
    folder: Path, *, keep: int, replace: int, flap: int = 0, seed: int
) -> tuple[Report, Counter[str]]:
    """Make workers silent for longer than a lease, so often with each answer to it."""
    chance = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "book").touch()
    workers = Workers(folder, three_hosts(folder))
    report = Report(cycles=keep + replace, seed=seed)
    with workers:
        workers.mend()
        divider = Divider(workers, folder, chance)
        turns = [divider.keep] * keep + [divider.replace] * replace + [divider.flap] * flap
        chance.shuffle(turns)
        for turn in turns:
            turn()
        workers.mend()
        moved = [job.name for job in divider.replaced]
        judge(workers, divider.kept, folder / "book", report, moved)
        report.faults += [*divider.faults, *divider.judge()]
    return report, divider.counts


def _ids(ranges: Sequence[tuple[int, int]]) -> list[int]:
    return [number for first, last in ranges for number in range(first, last + 1)]


def _wrong_end(detail: JobDetail, job: Beating) -> Iterator[str]:
    state = "succeeded" if job.code == 0 else "failed"
    if (detail.job.state, detail.job.exit_code) != (state, job.code):
        yield f"{job.name}: {detail.job.state} with {detail.job.exit_code}, not with {job.code}"
