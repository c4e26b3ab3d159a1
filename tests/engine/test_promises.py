"""What one daemon has promised the next one keeps: room, and what was used of a rate."""

from pathlib import Path
from typing import Any

from engine.model.events import EventType
from engine.model.reasons import GateKind
from engine.model.rules import QueueRules, Rate, Rules
from tests.kit.engine import FakeBackend, an_engine

SMALL: dict[str, Any] = {"argv": ["true"]}
BIG: dict[str, Any] = {"argv": ["true"], "resources": {"cpu": 2}}
AT_ONCE = Rules(reserve_after_grants=0)


async def test_room_that_is_kept_is_kept_by_the_next_daemon(tmp_path: Path) -> None:
    host = FakeBackend(cpus=2)
    async with an_engine(tmp_path, host) as engine:
        engine.desk.working_set.set_rules(AT_ONCE)
        [first] = await engine.submit(SMALL)
        await engine.running(first)
        [big] = await engine.submit(BIG)
        await engine.until(EventType.JOB_BLOCKED, job=big)
        [passes_by] = await engine.submit(SMALL)
        await engine.until(EventType.JOB_RESERVED, job=big)
        host.end(await engine.running(passes_by), 0)
        kept = (await engine.desk.store.carried()).reservations
        assert [(one.job, one.worker) for one in kept] == [(big, "local")]
    async with an_engine(tmp_path, host) as engine:
        [small] = await engine.submit(SMALL)
        waits = await engine.until(EventType.JOB_BLOCKED, job=small)
        facts = waits.data["facts"]
        assert isinstance(facts, dict)
        assert (waits.data["gate"], facts["for"]) == ("reserved", big)
        [reservation] = engine.desk.working_set.carried.reservations
        assert reservation.made_at == kept[0].made_at
        host.end(await engine.running(first), 0)
        await engine.running(big)


async def test_a_rate_that_is_used_up_is_used_up_for_the_next_daemon(tmp_path: Path) -> None:
    host = FakeBackend()
    one_an_hour = Rate(tokens=1, per_ms=3_600_000, burst=1)
    rules = Rules(queues={"slow": QueueRules(starts=one_an_hour)})
    async with an_engine(tmp_path, host) as engine:
        engine.desk.working_set.set_rules(rules)
        [first] = await engine.submit({**SMALL, "queue": "slow"})
        await engine.running(first)
        spent = (await engine.desk.store.carried()).buckets["queue slow"]
        assert spent.level < 1_000_000
    async with an_engine(tmp_path, host) as engine:
        engine.desk.working_set.set_rules(rules)
        [second] = await engine.submit({**SMALL, "queue": "slow"})
        waits = await engine.until(EventType.JOB_BLOCKED, job=second)
        assert waits.data["gate"] == GateKind.RATE
