"""A worker whose spool another daemon has: no try helps, and nobody is told to try."""

from pathlib import Path
from typing import Any

from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import LinkRefused
from tests.engine.loops.test_dispatch import when
from tests.engine.loops.test_link import TRUE, a_far_worker, pass_until, state_of, view
from tests.kit.engine import Engine, FakeBackend


async def be_refused(
    engine: Engine, far: FakeBackend, clock: ManualClock, refusal: LinkRefused
) -> None:
    far.refuse_link = refusal
    far.cut()
    await when(lambda: state_of(engine) == "lost")
    far.mend()
    await pass_until(engine, clock, lambda: state_of(engine) == "refused")


async def remedies_of(engine: Engine, job: int) -> set[str]:
    told: Any = await engine.ask(ask.Explain(id=job))
    return {gate.remedy for gate in told.gates if not gate.ok}


async def test_a_taken_spool_is_not_to_be_reconnected(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        taken = LinkRefused("another daemon has it", details={"newest": 3})
        await be_refused(engine, far, clock, taken)
        [job] = await engine.submit(TRUE)
        link = (await view(engine)).link
        assert link is not None
        assert link.spool_taken
        assert await remedies_of(engine, job) == {"crabtui workers"}


async def test_another_refusal_is(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        await be_refused(engine, far, clock, LinkRefused("no right"))
        [job] = await engine.submit(TRUE)
        assert await remedies_of(engine, job) == {"crabtui workers reconnect far"}
