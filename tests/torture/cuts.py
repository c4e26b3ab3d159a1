"""A storm of cuts: each line breaks in every phase of a job's life, and hosts misbehave."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

from engine.control.messages import GetStats, ListWorkers, ReadLog
from engine.errors import EngineError
from tests.kit.proxy import DOWN, UP
from tests.kit.waiting import NotInTimeError, pause, wait_until
from tests.torture import verdict
from tests.torture.far import TTL_S, Far, Workers
from tests.torture.plan import LAST_CODES, Planned
from tests.torture.storm import ENDS, Report, Submitter

LATENCY_S = 0.1
"""Each way."""

UNSEEN_S = TTL_S
"""A line that is silent for so long is given up by whoever keeps it alive."""

LOUD_LINES = 3000


def three_hosts(folder: Path) -> list[Far]:
    """With Python; in sh alone and two sessions at most; far away, with one session at most."""
    return [
        Far(folder / "near", "near"),
        Far(folder / "plain", "plain", table={"python": "no"}, max_sessions=2),
        Far(folder / "single", "single", max_sessions=1),
    ]


class Tormentor:
    """Breaks the line to one worker in one phase after the other, from a thread of its own."""

    def __init__(self, workers: Workers, far: Far, book: Path, chance: Random) -> None:
        self.plans: list[Planned] = []
        self.counts: Counter[str] = Counter()
        self.error: BaseException | None = None
        self._workers = workers
        self._far = far
        self._proxy = far.proxy
        self._book = book
        self._chance = chance
        self._latest: int | None = None
        """Id of a job with a long log."""
        self._phases: Sequence[tuple[str, Callable[[], None], int]] = (
            ("before the start is acknowledged", self._at_start, 5),
            ("while it runs", self._while_running, 4),
            ("while its log is read", self._while_reading, 4),
            ("at its end", self._at_end, 5),
            ("while connecting", self._at_connect, 5),
            ("stalled", self._stalled, 2),
            ("halved", self._halved, 2),
            ("refused", self._refused, 1),
            ("late", self._late, 1),
            ("sshd restarted", self._restarted, 1),
            ("sshd's children killed", self._children_killed, 2),
            ("host program killed", self._program_killed, 2),
        )

    def run(self, cuts: int) -> None:
        """Break it so many times."""
        try:
            for _ in range(cuts):
                self._once()
        except BaseException as error:
            self.error = error
            raise

    def _once(self) -> None:
        weights = [weight for *_, weight in self._phases]
        [(name, act, _)] = self._chance.choices(self._phases, weights)
        self._wait_connected()
        act()
        self._proxy.mend()
        self.counts[name] += 1

    def _wait_connected(self) -> None:
        """Most phases begin with a line that stands; some find it on the way there."""
        if self._chance.random() < 0.8:
            with suppress(NotInTimeError):
                wait_until(self._is_healthy, timeout_s=10, gap_s=0.02)

    def _is_healthy(self) -> bool:
        with suppress(EngineError, OSError), self._workers.daemon.client() as client:
            workers = client.call(ListWorkers()).workers
            return any(
                one.name == self._far.name and one.health == "healthy" for one in workers
            )
        return False

    def _at_start(self) -> None:
        if self._chance.random() < 0.5:
            self._arm(UP, 4000)
        else:
            self._arm(DOWN, 600)
        self._submit(sleep_ms=self._chance.choice((1, 50, 300)))
        self._wait_cut()

    def _while_running(self) -> None:
        plan = self._submit(sleep_ms=300)
        self._wait_begun(plan)
        pause(self._chance.uniform(0, 0.2))
        self._proxy.cut()

    def _while_reading(self) -> None:
        if self._latest is None or self._chance.random() < 0.2:
            plan = self._submit(lines=LOUD_LINES, sleep_ms=1)
            self._wait_begun(plan)
        self._arm(DOWN, 100_000)
        reading = threading.Thread(target=self._read, args=(self._latest,))
        reading.start()
        self._wait_cut()
        self._proxy.mend()
        reading.join()

    def _read(self, job: int | None) -> None:
        with suppress(EngineError, OSError), self._workers.daemon.client() as client:
            for _ in range(20):
                if job is not None:
                    client.call(ReadLog(id=job, limit=262_144))

    def _at_end(self) -> None:
        plan = self._submit(sleep_ms=self._chance.choice((50, 200)))
        self._wait_begun(plan)
        if self._chance.random() < 0.2:
            self._arm(UP, 600)
        else:
            self._arm(DOWN, 600)
        self._wait_cut()

    def _at_connect(self) -> None:
        self._proxy.cut()
        for _ in range(self._chance.choice((1, 2, 3))):
            most = self._chance.choice((100, 2_000, 60_000))
            self._arm(self._chance.choice((UP, DOWN)), most)
            self._wait_cut()

    def _stalled(self) -> None:
        self._submit(sleep_ms=100)
        self._proxy.stall()
        pause(self._chance.uniform(0.3, 1.2) * UNSEEN_S)

    def _halved(self) -> None:
        self._submit(sleep_ms=100)
        self._proxy.stall(self._chance.choice((UP, DOWN)))
        pause(self._chance.uniform(0.3, 1.2) * UNSEEN_S)

    def _refused(self) -> None:
        self._submit(sleep_ms=100)
        self._proxy.refuse()
        pause(self._chance.uniform(0, 1.2) * UNSEEN_S)

    def _late(self) -> None:
        self._proxy.delay(LATENCY_S)
        for _ in range(3):
            self._submit(sleep_ms=50)
            pause(0.5)
        self._proxy.cut()

    def _restarted(self) -> None:
        self._submit(sleep_ms=200)
        self._far.server.restart()

    def _children_killed(self) -> None:
        self._submit(sleep_ms=200)
        pause(self._chance.uniform(0, 0.2))
        self._far.server.kill_children()

    def _program_killed(self) -> None:
        self._submit(sleep_ms=200)
        pause(self._chance.uniform(0, 0.2))
        self._far.kill_programs()

    def _arm(self, direction: str, most: int) -> None:
        self._proxy.cut_after(self._chance.randrange(most), direction)

    def _wait_cut(self) -> None:
        """Until the armed cut has come; a silent line is cut by hand."""
        accepted = self._proxy.accepted
        with suppress(NotInTimeError):
            wait_until(
                lambda: not self._proxy.open or self._proxy.accepted > accepted, timeout_s=1.5
            )
        self._proxy.cut()

    def _wait_begun(self, plan: Planned) -> None:
        with suppress(NotInTimeError):
            wait_until(lambda: f"{plan.name} " in self._book.read_text(), timeout_s=5)

    def _submit(self, *, sleep_ms: int, lines: int = 20) -> Planned:
        """One job for this very worker, submitted until the daemon has acknowledged it."""
        number = len(self.plans)
        plan = Planned(
            name=f"{self._far.name}-{number}",
            runs=self._chance.choice((1, 1, 1, 2)),
            code=self._chance.choice(LAST_CODES),
            lines=lines,
            sleep_ms=sleep_ms,
        )
        self.plans.append(plan)
        ask = plan.ask(self._book) | {"worker": self._far.name}
        wait_until(lambda: self._is_taken(ask, plan, lines), timeout_s=60, gap_s=0.05)
        return plan

    def _is_taken(self, ask: dict[str, object], plan: Planned, lines: int) -> bool:
        try:
            answer = self._workers.daemon.submit(ask, request_key=plan.name)
        except (EngineError, OSError):
            return False
        if lines == LOUD_LINES:
            self._latest = answer.ids[0][0]
        return True


def cuts(folder: Path, *, cuts: int, kills: int, seed: int) -> tuple[Report, Counter[str]]:
    """Cut lines `cuts` times and kill the daemon `kills` times meanwhile, then judge.

    Returns:
        What was found, and how often each kind of break was made.
    """
    chance = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "book"
    book.touch()
    workers = Workers(folder, three_hosts(folder))
    report = Report(cycles=cuts, seed=seed)
    counts: Counter[str] = Counter()
    with workers:
        workers.mend()
        tormentors = [
            Tormentor(workers, far, book, Random(chance.random())) for far in workers.fars
        ]
        batches = max(2, cuts // 10)
        submitter = Submitter(workers.daemon, book, Random(seed), batches=batches, size=4)
        submitter.start()
        _break_all(workers, tormentors, cuts, kills, chance)
        submitter.finish()
        workers.mend()
        plans = [*submitter.plans, *(plan for one in tormentors for plan in one.plans)]
        judge(workers, plans, book, report)
    for tormentor in tormentors:
        counts += tormentor.counts
    counts["daemon killed"] = kills
    return report, counts


def _break_all(
    workers: Workers, tormentors: Sequence[Tormentor], cuts: int, kills: int, chance: Random
) -> None:
    shares = [cuts // len(tormentors) + (n < cuts % len(tormentors)) for n in range(3)]
    threads = [
        threading.Thread(target=one.run, args=(share,), name=f"tormentor-{number}")
        for number, (one, share) in enumerate(zip(tormentors, shares, strict=True))
    ]
    for thread in threads:
        thread.start()
    for number in range(kills):
        due = cuts * (number + 1) // (kills + 1)
        while sum(one.counts.total() for one in tormentors) < due and any(
            thread.is_alive() for thread in threads
        ):
            pause(0.02)
        pause(chance.uniform(0, 0.3))
        workers.daemon.restart()
    for thread in threads:
        thread.join()
    for one in tormentors:
        if one.error is not None:
            raise one.error


def judge(
    workers: Workers,
    plans: Sequence[Planned],
    book: Path,
    report: Report,
    others: Collection[str] = (),
) -> None:
    """Wait until all have ended, then count everything that is wrong with `plans`."""
    report.jobs += len(plans) + len(others) + len(others)
    report.runs += sum(plan.runs for plan in plans)
    with workers.daemon.client() as client:

        def ended() -> bool:
            states = client.call(GetStats()).jobs.by_state
            return sum(states.get(state, 0) for state in ENDS) >= len(plans) + len(others)

        try:
            wait_until(ended, timeout_s=90, gap_s=0.1, what="all jobs ended")
        except AssertionError as late:
            report.faults.append(str(late))
        report.faults += verdict.faults(client, plans, book.read_text(), others)
    report.faults += _left_behind(workers)


def _left_behind(workers: Workers) -> list[str]:
    """Processes of jobs that outlived them."""

    def left() -> list[str]:
        return [f"{far.name}: {one}" for far in workers.fars for one in far.jobs()]

    with suppress(NotInTimeError):
        wait_until(lambda: not left(), timeout_s=10)
    return [f"still runs: {text}" for text in left()]
