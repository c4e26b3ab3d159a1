"""Engines with several hosts, and time that passes while everybody keeps up with it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from engine.clock import ManualClock
from engine.config import Config, Settings, WorkerRules
from engine.model.rules import DEFAULT_RULES, Rules
from engine.model.worker import Health
from tests.kit.engine import Engine, FakeBackend, an_engine

MOST_SECONDS = 1_000


@asynccontextmanager
async def an_engine_with(
    folder: Path, clock: ManualClock, *, rules: Rules = DEFAULT_RULES, **hosts: FakeBackend
) -> AsyncIterator[Engine]:
    """An engine whose workers are these hosts, all elsewhere; all that answer are there."""
    workers = {name: WorkerRules(backend="ssh", address=name) for name in hosts}
    config = Config(
        settings=Settings(state_dir=folder),
        workers={"local": WorkerRules(slots=0), **workers},
        rules=rules,
    )
    async with an_engine(folder, clock=clock, others=dict(hosts), config=config) as engine:
        engine.desk.working_set.set_rules(rules)
        known = engine.desk.working_set.workers
        up = [name for name, host in hosts.items() if not host.is_cut]
        await until(engine, lambda: all(known[name].health is Health.HEALTHY for name in up))
        yield engine


async def keep_up(engine: Engine) -> None:
    """Return once what was under way has got to the disk and back."""
    for _ in range(6):
        await engine.desk.store.leases()
        await engine.desk.ledger.writer.post(lambda: None)


async def until(engine: Engine, true: Callable[[], Any]) -> None:
    """Return once a condition holds; no time passes."""
    for _ in range(MOST_SECONDS):
        if true():
            return
        await keep_up(engine)
    raise AssertionError("it does not come true")


async def pass_seconds(engine: Engine, clock: ManualClock, seconds: int) -> None:
    """Let them pass one by one."""
    for _ in range(seconds):
        clock.advance(1)
        await keep_up(engine)


async def pass_until(engine: Engine, clock: ManualClock, true: Callable[[], Any]) -> int:
    """Let seconds pass until a condition holds; how many did."""
    for passed in range(MOST_SECONDS):
        if true():
            return passed
        await pass_seconds(engine, clock, 1)
    raise AssertionError("it does not come true")
