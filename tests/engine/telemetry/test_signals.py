"""Signals of a real engine: the names, measurements and metadata that were agreed."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from engine.control.messages import FollowTelemetry
from engine.daemon.handlers.telemetry import follow
from engine.errors import InvalidSpec
from engine.model.signals import BRIDGED, CATALOGUE, BridgeRules, Signal, matching
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine

STEP = {
    "argv": ["train"],
    "kind": "experiment_step",
    "namespace": "proposer",
    "metadata": {"experiment_id": "e7", "stage_name": "fit", "source": "crucible", "x": 1},
}
ABOUT = {
    "job_id": 1,
    "tenant_id": "default",
    "namespace": "proposer",
    "priority": "normal",
    "kind": "experiment_step",
    "experiment_id": "e7",
    "stage_name": "fit",
}


async def told(
    engine: Engine,
    last: str,
    *events: str,
    number: int = 1,
    bridge: BridgeRules | None = None,
) -> list[Signal]:
    """All signals from the beginning to the `number`th of the name `last`."""
    ask = FollowTelemetry(events=events, after=0, bridge=bridge)
    found: list[Signal] = []
    async with (
        asyncio.timeout(60),
        aclosing(follow(engine.desk, engine.caller, ask)) as signals,
    ):
        async for signal in signals:
            found.append(signal)
            if [one.name for one in found].count(last) == number:
                return found
    raise AssertionError("the stream ended")


async def ended(engine: Engine, job: dict[str, object]) -> None:
    [id_] = await engine.submit(job)
    await engine.until_state(id_, State.SUCCEEDED, State.FAILED)


def at_once(code: int) -> FakeBackend:
    host = FakeBackend()
    host.ends_at_once = code
    return host


async def test_a_life_in_signals(tmp_path: Path) -> None:
    async with an_engine(tmp_path, at_once(0)) as engine:
        await ended(engine, {"argv": ["true"], "tenant": "acme", "priority": "high"})
        found = await told(engine, "job.completed")
    assert [one.name for one in found] == [
        "job.submitted",
        "scheduler.admit",
        "job.queued",
        "queue.enqueue",
        "queue.dequeue",
        "scheduler.select_backend",
        "job.started",
        "job.completed",
    ]
    of = {one.name: one for one in found}
    assert of["job.submitted"].metadata == {
        "job_id": 1, "tenant_id": "acme", "kind": "command", "priority": "high"
    }  # fmt: skip
    assert of["job.started"].metadata == {
        "job_id": 1, "tenant_id": "acme", "backend": "local", "worker_id": "local", "attempt": 1
    }  # fmt: skip
    assert of["job.completed"].metadata["status"] == "succeeded"
    assert of["job.completed"].measurements["duration_ms"] >= 0


async def test_each_signal_has_just_what_was_agreed(tmp_path: Path) -> None:
    async with an_engine(tmp_path, at_once(1)) as engine:
        await ended(engine, {"argv": ["false"], "retry": {"max_attempts": 2, "base_ms": 1}})
        found = await told(engine, "job.failed")
    assert {"job.retry", "job.failed"} <= {one.name for one in found}
    for one in found:
        measurements, metadata = CATALOGUE[one.name]
        assert (set(one.measurements), set(one.metadata)) == (set(measurements), set(metadata))


async def test_each_job_of_a_bulk_submission_is_told(tmp_path: Path) -> None:
    from engine.control.messages import SubmitArray

    async with an_engine(tmp_path, at_once(0)) as engine:
        await engine.ask(SubmitArray(job={"argv": ["true"]}, values=("1-3",)))
        found = await told(engine, "job.completed", number=4)
    members = [one.job for one in found if one.name == "job.queued"]
    assert sorted(members) == [2, 3, 4]
    assert len([one for one in found if one.name == "job.submitted"]) == 4


async def test_a_refused_submission_is_told(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec):
            await engine.submit({"argv": ["true"], "cpu": 4_000, "tenant": "acme"})
        [signal] = await told(engine, "scheduler.admit")
    assert signal.metadata == {"job_id": None, "tenant_id": None, "decision": "rejected"}


async def test_the_bridge_tells_of_steps_in_their_words(tmp_path: Path) -> None:
    async with an_engine(tmp_path, at_once(0)) as engine:
        await ended(engine, STEP)
        found = await told(engine, "stage.completed", *BRIDGED)
    assert [one.name for one in found] == [
        "experiment.submitted",
        "stage.started",
        "backend_started",
        "backend_completed",
        "stage.completed",
    ]
    assert found[0].metadata == ABOUT
    assert found[1].metadata == ABOUT
    assert found[4].metadata == {**ABOUT, "result": None}
    assert "duration_ms" in found[4].measurements


async def test_a_step_that_fails(tmp_path: Path) -> None:
    async with an_engine(tmp_path, at_once(3)) as engine:
        await ended(engine, STEP)
        found = await told(engine, "stage.failed", "stage.*")
    assert found[-1].metadata["attempt"] == 1
    assert "3" in str(found[-1].metadata["error"])


@pytest.mark.parametrize(
    ("rules", "is_told"),
    [
        (BridgeRules(kinds=()), False),
        (BridgeRules(kinds=(), sources=("other",)), False),
        (BridgeRules(kinds=(), sources=("crucible",)), True),
        (BridgeRules(kinds=(), tenants=("default",)), True),
        (BridgeRules(), True),
    ],
)
async def test_the_bridge_has_filters(
    tmp_path: Path, rules: BridgeRules, is_told: bool
) -> None:
    async with an_engine(tmp_path, at_once(0)) as engine:
        await ended(engine, STEP)
        found = await told(engine, "job.completed", bridge=rules)
    assert any(one.name in BRIDGED for one in found) is is_told


async def test_without_a_wish_for_them_nothing_is_bridged(tmp_path: Path) -> None:
    async with an_engine(tmp_path, at_once(0)) as engine:
        await ended(engine, STEP)
        found = await told(engine, "job.completed")
    assert not {one.name for one in found} & set(BRIDGED)


async def test_events_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec) as refused:
            await told(engine, "job.completed", "job.compleeted")
    assert refused.value.nearest == "job.completed"


def test_each_name_stands_for_itself() -> None:
    for name in (*CATALOGUE, *BRIDGED):
        assert matching(name) == {name}
