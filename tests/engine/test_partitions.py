"""Hosts out of sight: every job there shows it, none fails for it, and none runs twice."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import HostState, Order, Report
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.model.events import EventType
from engine.model.ids import AttemptId, Epoch, JobId, Seq
from engine.model.job import Job
from engine.model.link import LinkState
from engine.model.outcome import Verdict
from engine.model.states import Phase, State
from tests.kit.engine import Engine, FakeBackend
from tests.kit.hosts import an_engine_with, keep_up, pass_seconds, pass_until, until

TRUE: dict[str, Any] = {"argv": ["true"]}


WAIT_S = 40
"""Lease, grace and margin, without the percent for clocks that drift."""


class Killable(FakeBackend):
    """A host on which KILL ends what it hits."""

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Report:
        report = await super().stop(attempt, epoch, grace_ms, signal)
        if signal == "KILL" and report.state is HostState.RUNNING:
            self.end(attempt, None, signal=9, why="stop")
        return report


class Deaf(FakeBackend):
    """A host that hears a start and whose answer never comes."""

    is_deaf = True

    async def start(self, orders: Any) -> Any:
        reports = await super().start(orders)
        if self.is_deaf:
            self.cut("the link broke before it answered")
            self._reach()
        return reports


def silent(engine: Engine, job: JobId) -> bool:
    """Whether the job is marked as out of sight."""
    return engine.desk.working_set.live.by_job[job].job.now.unreachable_at is not None


async def runs_at(engine: Engine, job: JobId, name: str) -> AttemptId:
    attempt = await engine.running(job)
    assert (await engine.job(job)).now.worker == name
    return attempt


async def gate(engine: Engine, job: JobId) -> str:
    """The first gate of the job that is closed."""
    why: Any = await engine.ask(ask.Explain(id=job))
    return str(next(one.text for one in why.gates if not one.ok))


async def test_kept_jobs_are_out_of_sight_with_a_clock_and_end_as_they_did(
    tmp_path: Path,
) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=4)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        jobs = await engine.submit(*[{**TRUE, "max_attempts": 3}] * 3)
        attempts = [await engine.running(job) for job in jobs]
        host.cut()
        await pass_until(engine, clock, lambda: all(silent(engine, job) for job in jobs))
        text = await gate(engine, jobs[0])
        assert "it was running when it was last seen; `far` is silent since" in text
        assert "last proof of life" in text
        assert "on_partition: keep" in text
        await pass_seconds(engine, clock, 200)
        for job in jobs:
            assert (await engine.job(job)).now.state is State.RUNNING
        host.end(attempts[0], 0)
        host.end(attempts[1], 7)
        host.mend()
        states = [State.SUCCEEDED, State.RETRYING, State.RUNNING]
        for job, state in zip(jobs, states, strict=True):
            assert (await engine.until_state(job, state)).now.attempts == 1
        await pass_until(engine, clock, lambda: not silent(engine, jobs[2]))
        assert (await engine.job(jobs[1])).now.losses == 0


async def test_a_start_without_an_answer_is_in_doubt_and_then_found(tmp_path: Path) -> None:
    clock, host = ManualClock(), Deaf(cpus=4)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        [job] = await engine.submit({**TRUE, "on_partition": "replace"})
        await until(engine, lambda: host.orders)
        await pass_until(engine, clock, lambda: silent(engine, job))
        waiting = await engine.job(job)
        assert (waiting.now.state, waiting.now.attempts) == (State.QUEUED, 0)
        shown: Any = await engine.ask(ask.ShowJob(id=job))
        assert shown.job.unreachable_at == waiting.now.unreachable_at
        assert "has started is not known" in await gate(engine, job)
        await pass_seconds(engine, clock, 100)  # it may start late: nothing takes its place
        assert len(host.orders) == 1
        host.is_deaf = False
        host.mend()
        await pass_until(engine, clock, lambda: not silent(engine, job))
        found = await engine.until_state(job, State.RUNNING)
        assert (found.now.attempts, found.now.unreachable_at) == (1, None)
        assert len(host.orders) == 1


async def test_a_start_that_never_arrived_is_made_once_more(tmp_path: Path) -> None:
    clock, host = ManualClock(), Deaf(cpus=4)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        [job] = await engine.submit(TRUE)
        await until(engine, lambda: host.orders)
        await pass_until(engine, clock, lambda: silent(engine, job))
        host.reports.clear()
        host.is_deaf = False
        host.mend()
        live = engine.desk.working_set.live.by_attempt
        await pass_until(engine, clock, lambda: host.reports.keys() & live.keys())
        await engine.running(job)
        assert len(host.reports) == 1


async def test_replaced_jobs_run_elsewhere_once_the_old_attempt_has_ended_by_itself(
    tmp_path: Path,
) -> None:
    clock, far, near = ManualClock(), Killable(cpus=4), FakeBackend(cpus=1)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        [plug] = await engine.submit({**TRUE, "workers": ["near"]})
        plugged = await engine.running(plug)
        job, kept = await engine.submit({**TRUE, "on_partition": "replace"}, TRUE)
        old = await runs_at(engine, job, "far")
        await runs_at(engine, kept, "far")
        assert far.orders[old].lease_ms == 30_000
        near.end(plugged, 0)
        far.cut()
        await pass_until(engine, clock, lambda: silent(engine, job))
        assert "its host has certainly ended it by itself, and it runs elsewhere" in await gate(
            engine, job
        )
        silent_s = 30  # or a little less: the sweep looks every ten seconds
        await pass_seconds(engine, clock, WAIT_S - silent_s - 12)
        assert silent(engine, job)
        await pass_until(engine, clock, lambda: near.orders.keys() - {plugged})
        new = await runs_at(engine, job, "near")
        assert (await engine.job(kept)).now.state is State.RUNNING
        first, second = await engine.desk.store.attempts(job)
        assert first.trouble is not None
        assert (first.id, first.verdict) == (old, Verdict.LOST)
        assert first.trouble.code == "lease_expired"
        assert first.ended_at is not None
        assert second.intent_at >= first.ended_at
        assert (await engine.job(job)).now.losses == 0
        await old_one_is_put_down(engine, clock, far, old)
        assert (await engine.job(job)).now.attempt == new
        near.end(new, 0)
        await engine.until_state(job, State.SUCCEEDED)


async def old_one_is_put_down(
    engine: Engine, clock: ManualClock, far: FakeBackend, old: AttemptId
) -> None:
    """The host comes back, and the old attempt lives there against all expectation."""
    far.mend()
    await pass_until(engine, clock, lambda: (old, 0, "KILL") in far.stops)
    await pass_until(engine, clock, lambda: old in far.tidied)


async def test_nothing_is_replaced_before_the_whole_wait_is_over(tmp_path: Path) -> None:
    clock, far, near = ManualClock(), FakeBackend(cpus=4), FakeBackend(cpus=4)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        job, _ = await engine.submit(*[{**TRUE, "on_partition": "replace"}] * 2)
        at = (await engine.until_state(job, State.RUNNING)).now.worker
        host, other = (far, near) if at == "far" else (near, far)
        await pass_seconds(engine, clock, 12)
        number = len(other.orders)
        host.cut()
        live = engine.desk.working_set.live.by_job[job]
        answered_s = live.answered_s
        assert answered_s is not None
        await pass_until(engine, clock, lambda: len(other.orders) > number)
        assert WAIT_S < clock.monotonic() - answered_s <= WAIT_S + 15


async def test_a_new_daemon_counts_the_wait_from_its_own_start(tmp_path: Path) -> None:
    clock, far, near = ManualClock(), FakeBackend(cpus=4), FakeBackend(cpus=1)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        [plug] = await engine.submit({**TRUE, "workers": ["near"]})
        plugged = await engine.running(plug)
        [job] = await engine.submit({**TRUE, "on_partition": "replace"})
        await runs_at(engine, job, "far")
        near.end(plugged, 0)
        await engine.until_state(plug, State.SUCCEEDED)
        far.cut()
        await pass_seconds(engine, clock, 20)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        number = len(near.orders)
        passed = await pass_until(engine, clock, lambda: len(near.orders) > number)
        assert WAIT_S <= passed <= WAIT_S + 15


async def test_no_sweep_of_a_host_that_nobody_has_tried_to_reach(tmp_path: Path) -> None:
    clock, far = ManualClock(), FakeBackend(cpus=4)
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        [job] = await engine.submit(TRUE)
        await engine.running(job)
    clock.advance(3600)  # the daemon was away; the lease is long over
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        await pass_seconds(engine, clock, 15)
        assert "attempt.unreachable" not in await engine.story(job)
        assert engine.desk.working_set.links["far"].state is LinkState.CONNECTED


@pytest.mark.parametrize(
    ("restart", "state", "asks"),
    [
        ("safe", State.RUNNING, False),
        ("never", State.FAILED, False),
        ("ask", State.FAILED, True),
    ],
)
async def test_an_operators_word_is_proof_and_is_audited(
    tmp_path: Path, restart: str, state: State, asks: bool
) -> None:
    clock, far, near = ManualClock(), Killable(cpus=4), FakeBackend(cpus=1)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        [plug] = await engine.submit({**TRUE, "workers": ["near"]})
        plugged = await engine.running(plug)
        [job] = await engine.submit({**TRUE, "restart": restart})
        old = await runs_at(engine, job, "far")
        near.end(plugged, 0)
        far.cut()
        await until(
            engine, lambda: engine.desk.working_set.links["far"].state is LinkState.LOST
        )
        await engine.ask(ask.ActOnWorker(name="far", act="declare_dead", why="it burnt"))
        then = await engine.until_state(job, state)
        assert (then.now.needs_operator, then.now.losses) == (asks, 0)
        [first, *_] = await engine.desk.store.attempts(job)
        assert (first.phase, first.verdict) == (Phase.ENDED, Verdict.LOST)
        assert first.trouble is not None
        assert first.trouble.code == "declared_dead"
        assert first.trouble.message == "ana declared `far` dead: it burnt"
        await engine.ask(ask.ActOnWorker(name="far", act="declare_dead"))
        events = await engine.desk.store.events(Seq(0), 1000)
        said = [one for one in events if one.type is EventType.WORKER_DECLARED_DEAD]
        assert [(one.actor, one.cause, one.worker) for one in said] == [
            ("ana", "it burnt", "far")
        ]
        await old_one_is_put_down(engine, clock, far, old)
        assert (await engine.job(job)).now.state is state


async def test_a_start_that_was_declared_dead_meanwhile_is_put_down(tmp_path: Path) -> None:
    """The intent is open, its host hears of it late, and says that it runs."""

    class Late(Killable):
        def __init__(self) -> None:
            super().__init__(cpus=1)
            self.heard: list[Order] = []
            self.attempts = None

        async def start(self, orders: Any) -> Any:
            self.heard += orders
            reports = await super().start(orders)
            await engine.desk.attempts.declare_dead("far", "ana")
            return reports

    clock, far = ManualClock(), Late()
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        [job] = await engine.submit({**TRUE, "restart": "never"})
        failed: Job = await engine.until_state(job, State.FAILED)
        assert failed.now.trouble is not None
        assert failed.now.trouble.code == "declared_dead"
        [order] = far.heard
        await pass_until(engine, clock, lambda: (order.attempt, 0, "KILL") in far.stops)
        await pass_until(engine, clock, lambda: order.attempt in far.tidied)
        await keep_up(engine)
        assert engine.desk.working_set.usage.held == 0


async def test_what_was_granted_after_the_link_broke_goes_elsewhere_at_once(
    tmp_path: Path,
) -> None:
    """Nothing of it was ever sent, so nothing of it can ever start."""
    clock, far, near = ManualClock(), FakeBackend(cpus=4), FakeBackend(cpus=4)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        ours = engine.desk.working_set
        await engine.ask(ask.SetWorker(name="near", drain=True))
        ours.links["far"] = replace(ours.links["far"], state=LinkState.LOST)
        [job] = await engine.submit(TRUE)
        await until(engine, lambda: ours.counters.in_state("queued") == 1)
        await engine.ask(ask.SetWorker(name="near", drain=False))
        await engine.ask(ask.SetWorker(name="far", drain=True))
        await runs_at(engine, job, "near")
        assert not far.orders


async def test_a_start_that_arrives_after_all_was_given_up_finds_its_place_taken(
    tmp_path: Path,
) -> None:
    class Watchful(Deaf):
        """It remembers which attempts it was told never to start."""

        voided: tuple[AttemptId, ...] = ()

        async def adopt(self, attempts: Any) -> list[Report]:
            found = await super().adopt(attempts)
            void = [one.attempt for one in found if one.state is HostState.VOID]
            self.voided += tuple(void)
            return found

    clock, far = ManualClock(), Watchful(cpus=4)
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        [job] = await engine.submit({**TRUE, "restart": "never"})
        await until(engine, lambda: far.orders)
        links = engine.desk.working_set.links
        await pass_until(engine, clock, lambda: links["far"].state is LinkState.LOST)
        await engine.ask(ask.ActOnWorker(name="far", act="declare_dead"))
        await engine.until_state(job, State.FAILED)
        far.reports.clear()  # it is still on its way
        far.is_deaf = False
        far.mend()
        await pass_until(engine, clock, lambda: f"{job}-1-1" in far.voided)
        await pass_until(engine, clock, lambda: f"{job}-1-1" in far.tidied)
        await until(engine, lambda: not engine.desk.attempts.unheard["far"])
