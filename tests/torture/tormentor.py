"""Breaks one line in every phase of a job's life, and harms its host."""

import shlex
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from engine.control.messages import Cancel, ListWorkers, ReadLog, Targets
from engine.errors import EngineError
from tests.kit.proxy import DOWN, UP
from tests.kit.waiting import NotInTimeError, pause, wait_until
from tests.torture.far import TTL_S, Far, Workers
from tests.torture.plan import LAST_CODES, Planned

LATENCY_S = 0.1
"""Each way."""

UNSEEN_S = TTL_S
"""A line that is silent for so long is given up by whoever keeps it alive."""

LOUD_LINES = 3000


class Tormentor:
    """Breaks the line to one worker in one phase after the other, from a thread of its own."""

    def __init__(self, workers: Workers, far: Far, book: Path, chance: Random) -> None:
        self.plans: list[Planned] = []
        self.canceled: list[str] = []
        """Names of jobs without an end, which were canceled while nobody reached them."""
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
            ("canceled while away", self._canceled_away, 1),
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

    def _canceled_away(self) -> None:
        name = f"never-{self._far.name}-{len(self.canceled)}"
        self.canceled.append(name)
        book = shlex.quote(str(self._book))
        script = f'echo "{name} $CRAB_ATTEMPT start" >>{book}; sleep 1000'
        command = ["/bin/sh", "-c", script]
        ask = {"name": name, "command": command, "worker": self._far.name, "grace": "100ms"}
        wait_until(lambda: self._id_of(ask), timeout_s=60, gap_s=0.05)
        self._wait_written(name)
        self._chance.choice((self._proxy.refuse, self._proxy.stall, self._proxy.cut))()
        wait_until(lambda: self._is_canceled(self._id_of(ask)), timeout_s=60, gap_s=0.05)
        pause(self._chance.uniform(0, 0.5))

    def _is_canceled(self, job: int) -> bool:
        with suppress(EngineError, OSError), self._workers.daemon.client() as client:
            return client.call(Cancel(targets=Targets(ids=(job,)))).results[0].ok
        return False

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
        self._wait_written(plan.name)

    def _wait_written(self, name: str) -> None:
        with suppress(NotInTimeError):
            wait_until(lambda: f"{name} " in self._book.read_text(), timeout_s=5)

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
        wait_until(lambda: self._id_of(ask), timeout_s=60, gap_s=0.05)
        if lines == LOUD_LINES:
            self._latest = self._id_of(ask)
        return plan

    def _id_of(self, ask: dict[str, Any]) -> int:
        """Its number, once it is acknowledged; 0 if that is not known yet."""
        try:
            answer = self._workers.daemon.submit(ask, request_key=ask["name"])
        except (EngineError, OSError):
            return 0
        return answer.ids[0][0]
