"""GPUs: each job sees its own, and no job sees those of others."""

from pathlib import Path
from typing import Any

from engine.backends.protocol import Order
from engine.model.events import EventType
from engine.model.ids import JobId
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}


async def env_of(engine: Engine, job: JobId) -> dict[str, str]:
    order: Order = engine.host.orders[await engine.running(job)]
    return dict(order.env)


async def test_a_job_sees_its_own_devices_and_others_see_none(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(gpus=4)) as engine:
        seen: list[str] = []
        for job in await engine.submit({**TRUE, "gpu": 2}, {**TRUE, "gpu": 2}):
            env = await env_of(engine, job)
            assert env["CUDA_VISIBLE_DEVICES"] == env["ROCR_VISIBLE_DEVICES"]
            seen += env["CUDA_VISIBLE_DEVICES"].split(",")
            assert env["HIP_VISIBLE_DEVICES"] == "0,1", "of those that ROCR leaves"
        assert sorted(seen) == ["0", "1", "2", "3"]
        [none] = await engine.submit(TRUE)
        assert (await env_of(engine, none))["CUDA_VISIBLE_DEVICES"] == ""


async def test_the_jobs_own_word_goes_first(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(gpus=1)) as engine:
        own = {**TRUE, "gpu": 1, "env": {"CUDA_VISIBLE_DEVICES": "7"}}
        env = await env_of(engine, (await engine.submit(own))[0])
        assert (env["CUDA_VISIBLE_DEVICES"], env["ROCR_VISIBLE_DEVICES"]) == ("7", "0")


async def test_hosts_without_devices_say_nothing_of_them(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        env = await env_of(engine, (await engine.submit(TRUE))[0])
        assert "CUDA_VISIBLE_DEVICES" not in env


async def test_the_next_daemon_knows_which_are_taken(tmp_path: Path) -> None:
    host = FakeBackend(gpus=2)
    async with an_engine(tmp_path, host) as engine:
        [first] = await engine.submit({**TRUE, "gpu": 1})
        taken = (await env_of(engine, first))["CUDA_VISIBLE_DEVICES"]
        await engine.until(EventType.JOB_STARTED, job=first)
    async with an_engine(tmp_path, host) as engine:
        [second] = await engine.submit({**TRUE, "gpu": 1})
        assert (await env_of(engine, second))["CUDA_VISIBLE_DEVICES"] != taken
        room = engine.desk.working_set.usage.room(engine.desk.working_set.workers["local"])
        assert room.gpus_taken == 0b11
