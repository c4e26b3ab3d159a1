"""Who is still being asked is not silent: a renewal that is under way may be worked on at any
moment, and of a host that nobody has tried to reach nothing is known."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from engine.backends.protocol import HostFacts
from engine.clock import ManualClock
from engine.model.ids import AttemptId, Epoch
from engine.model.states import State
from tests.engine.test_partitions import TRUE, WAIT_S, silent
from tests.kit.engine import FakeBackend
from tests.kit.hosts import an_engine_with, pass_seconds, pass_until, until


class Slow(FakeBackend):
    """A host that takes its time over renewals."""

    def __init__(self, cpus: int) -> None:
        super().__init__(cpus)
        self.is_at_ease = asyncio.Event()
        self.is_at_ease.set()
        self.asked = 0

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self._reach()
        self.asked += 1
        await self.is_at_ease.wait()
        return await super().renew(attempts, epoch)


async def test_nothing_is_replaced_while_its_renewal_is_open(tmp_path: Path) -> None:
    clock, one, two = ManualClock(), Slow(4), Slow(4)
    async with an_engine_with(tmp_path, clock, one=one, two=two) as engine:
        [job] = await engine.submit({**TRUE, "on_partition": "replace"})
        at = (await engine.until_state(job, State.RUNNING)).now.worker
        host, other = (one, two) if at == "one" else (two, one)
        host.is_at_ease.clear()
        asked = host.asked
        await pass_until(engine, clock, lambda: host.asked > asked)
        await pass_until(engine, clock, lambda: silent(engine, job))
        await pass_seconds(engine, clock, 3 * WAIT_S)
        assert (len(host.orders), len(other.orders)) == (1, 0)

        host.cut()  # what was on its way is lost, or was worked on just now
        cut_s = clock.monotonic()
        host.is_at_ease.set()
        await pass_until(engine, clock, lambda: len(other.orders) > 0)
        assert clock.monotonic() - cut_s > WAIT_S


async def test_who_ends_while_it_asks_has_given_it_up(tmp_path: Path) -> None:
    clock, far = ManualClock(), Slow(4)
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        [job] = await engine.submit(TRUE)
        await engine.until_state(job, State.RUNNING)
        far.is_at_ease.clear()
        await pass_until(engine, clock, lambda: far.asked > 0)
        live = engine.desk.working_set.live.by_job[job]
        await until(engine, lambda: live.is_asked)
        await pass_seconds(engine, clock, 7)
        ended_s = clock.monotonic()
    assert (live.is_asked, live.answered_s) == (False, ended_s)


class Hanging(FakeBackend):
    """A host of which not even a refusal comes, for as long as it likes."""

    def __init__(self, cpus: int) -> None:
        super().__init__(cpus)
        self.answers = asyncio.Event()
        self.answers.set()

    async def hello(self, epoch: Epoch) -> HostFacts:
        await self.answers.wait()
        return await super().hello(epoch)


async def test_of_a_host_that_was_not_tried_yet_nothing_is_known(tmp_path: Path) -> None:
    clock, far = ManualClock(), Hanging(4)
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        [job] = await engine.submit(TRUE)
        await engine.until_state(job, State.RUNNING)
    clock.advance(3600)  # the daemon was away; the lease is long over
    far.cut()
    far.answers.clear()
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        await pass_seconds(engine, clock, 30)
        assert not silent(engine, job)
        far.answers.set()
        await pass_until(engine, clock, lambda: silent(engine, job))
