"""What looks at a host change: who may start there, what it has, what attempts use."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.views import JobDetail, JobUsage, WorkersView
from engine.errors import BackendError, StartFailed, Unreachable
from engine.model.events import EventType
from engine.model.ids import AttemptId, Seq
from engine.model.sight import Device, Sight, Usage
from tests.kit.engine import Engine, FakeBackend, an_engine

SLEEP: dict[str, Any] = {"argv": ["sleep", "60"]}


class Seen(FakeBackend):
    """A host that looks as the test says."""

    def __init__(self, **has: int) -> None:
        super().__init__(**has)
        self.sight = Sight(at=0)
        self.uses: dict[AttemptId, Usage] = {}
        self.asked: list[Sequence[AttemptId]] = []

    async def look(self) -> Sight:
        return self.sight

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        self.asked.append(attempts)
        return self.uses


async def see(engine: Engine, host: Seen, *devices: Device, **facts: Any) -> None:
    """One look at the host, as its link makes them."""
    now_at = engine.desk.clock.now()
    host.sight = Sight(at=now_at, devices=devices, **facts)
    await engine.parts.look_of("local", host)()


def device(index: int, foreign_mb: int = 0) -> Device:
    return Device(index=index, kind="NVIDIA A100", memory_mb=40_000, foreign_mb=foreign_mb)


async def test_a_device_that_somebody_uses_waits_for_them(tmp_path: Path) -> None:
    host = Seen()
    async with an_engine(tmp_path, host) as engine:
        await see(engine, host, device(0, foreign_mb=12_288))
        [job] = await engine.submit({**SLEEP, "gpu": 1})
        await engine.until(EventType.JOB_BLOCKED, job=job)
        why = await engine.ask(ask.Explain(id=job))
        told = " ".join(gate.text for gate in why.gates)  # type: ignore[attr-defined]
        assert "device 0 is used by somebody else (12 GB)" in told
        workers = await engine.ask(ask.ListWorkers())
        assert isinstance(workers, WorkersView)
        (local,) = workers.workers
        assert local.gpus_taken == (0,)
        assert local.sight == host.sight
        await see(engine, host, device(0))
        await engine.running(job)


async def test_devices_are_found_and_written_down(tmp_path: Path) -> None:
    host = Seen()
    async with an_engine(tmp_path, host) as engine:
        await see(engine, host, device(0), device(1))
        event = await engine.until(EventType.WORKER_CHANGED)
        assert event.worker == "local"
        assert event.data["gpu"] == 2
        worker = engine.desk.working_set.workers["local"]
        assert (worker.capacity.gpu, worker.capacity.gpu_type) == (2, "a100")
        seq = engine.desk.timeline.head
        await see(engine, host, device(0), device(1))
        assert engine.desk.timeline.head == seq, "nothing new is not told"
        [stored] = await engine.desk.store.workers()
        assert stored.capacity.gpu == 2
    async with an_engine(tmp_path, host) as engine:
        assert engine.desk.working_set.workers["local"].capacity.gpu == 2
        events = await engine.desk.store.events(Seq(seq), 100)
        assert all("gpu" not in event.data for event in events), "it was known"


async def test_memory_that_others_use_is_waited_for(tmp_path: Path) -> None:
    host = Seen()
    async with an_engine(tmp_path, host) as engine:
        await see(engine, host, memory_free_mb=1_000)
        [job] = await engine.submit({**SLEEP, "memory_mb": 2_000})
        await engine.until(EventType.JOB_BLOCKED, job=job)
        [small] = await engine.submit({**SLEEP, "memory_mb": 900})
        await engine.running(small)
        await see(engine, host, memory_free_mb=5_000)
        await engine.running(job)


async def test_what_attempts_use_is_shown_and_outlives_the_daemon(tmp_path: Path) -> None:
    host = Seen()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(SLEEP)
        attempt = await engine.running(job)
        none = await engine.ask(ask.ShowJob(id=job))
        assert isinstance(none, JobDetail)
        assert none.usage is None
        assert none.attempts[0].peak_memory_mb is None
        for n in range(2):
            at = engine.desk.clock.now() + n
            use = Usage(at=at, cpu_ms=100 * n, memory_mb=70 - n, processes=2, gpu_mb=5)
            host.uses = {attempt: use, AttemptId("9-9-9"): use}
            await see(engine, host)
        assert list(host.asked[-1]) == [attempt]
        shown = await engine.ask(ask.ShowJob(id=job))
        assert isinstance(shown, JobDetail)
        assert shown.usage is not None
        assert (shown.usage.peak_memory_mb, shown.usage.cpu_ms) == (69, 100)
        [one] = shown.attempts
        assert (one.peak_memory_mb, one.cpu_ms) == (69, 100)
        await engine.parts.histories.write()
        shown = await engine.ask(ask.ShowJob(id=job))
        assert isinstance(shown, JobDetail)
        assert shown.usage is not None
        assert (shown.usage.attempt, shown.usage.peak_memory_mb) == (attempt, 70)
        assert (shown.usage.peak_gpu_mb, len(shown.usage.samples)) == (5, 2)
    async with an_engine(tmp_path, host) as engine:
        used = await engine.ask(ask.ShowUsage(id=job))
        assert isinstance(used, JobUsage)
        (one,) = used.attempts
        assert (one.attempt, one.peak_memory_mb, len(one.samples)) == (attempt, 70, 2)


async def test_nothing_is_asked_about_attempts_where_there_are_none(tmp_path: Path) -> None:
    host = Seen()
    async with an_engine(tmp_path, host) as engine:
        await see(engine, host)
        assert host.asked == []
        assert engine.desk.working_set.sights.by_worker["local"] == host.sight


async def test_a_host_that_does_not_tell_of_attempts_is_seen_all_the_same(
    tmp_path: Path,
) -> None:
    class Reserved(Seen):
        async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
            raise self.refusal

        refusal: BackendError = StartFailed("this key may not `usage`")

    host = Reserved()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(SLEEP)
        await engine.running(job)
        await see(engine, host)
        assert engine.desk.working_set.sights.by_worker["local"] == host.sight
        host.refusal = Unreachable("no answer")
        with pytest.raises(Unreachable):
            await see(engine, host)


async def test_two_looks_at_once_do_not_hurt(tmp_path: Path) -> None:
    host = Seen()
    async with an_engine(tmp_path, host) as engine:
        await asyncio.gather(*(see(engine, host, device(0)) for _ in range(3)))
        assert engine.desk.working_set.workers["local"].capacity.gpu == 1
