"""What attempts leave on their hosts is read before their ends count, whenever that is."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.backends.protocol import RESULT_BYTES, Chunk, HostState, Report
from engine.clock import ManualClock
from engine.errors import EngineError, InvalidSpec, LinkRefused, SpoolGone, Unreachable
from engine.ledger.attempts.reports import has_ended
from engine.ledger.attempts.uncollected import Uncollected
from engine.ledger.memory.live import Live
from engine.loops.collect import AGAIN_S
from engine.model.ids import AttemptId, JobId
from engine.model.states import State
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.build import a_job, an_attempt
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"], "max_attempts": 1}


class Keeper(FakeBackend):
    """A host that says of results what the test wants."""

    trouble: EngineError | None = None
    asked = 0

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        if stream == "result":
            self.asked += 1
            if self.trouble is not None:
                raise self.trouble
        return await super().tail(attempt, stream, offset, limit)


async def running(engine: Engine, wants: bool = True) -> tuple[JobId, Live]:
    """A job that runs, and may leave a result; its attempt."""
    [job] = await engine.submit(TRUE)
    live = engine.desk.working_set.live.by_attempt[await engine.running(job)]
    live.job = replace(live.job, spec=replace(live.job.spec, wants_result=wants))
    return job, live


async def ended(engine: Engine, job: JobId, live: Live) -> Report:
    """What was heard of its end."""
    await engine.until_state(job, State.SUCCEEDED, State.FAILED)
    assert live.report is not None
    return live.report


@pytest.mark.parametrize(
    ("data", "result"),
    [(b'{"a": 1}', b'{"a": 1}'), (b"", None), (b"x" * (RESULT_BYTES + 1), None)],
    ids=["some", "none", "too much"],
)
async def test_an_end_brings_its_result(
    tmp_path: Path, data: bytes, result: bytes | None
) -> None:
    host = Keeper()
    async with an_engine(tmp_path, host) as engine:
        job, live = await running(engine)
        host.results[live.attempt.id] = data
        host.end(live.attempt.id, 0)
        report = await ended(engine, job, live)
        assert (report.result, report.result_size) == (result, len(data))


async def test_nothing_is_read_for_who_wants_nothing(tmp_path: Path) -> None:
    host = Keeper()
    host.trouble = Unreachable("no route")
    async with an_engine(tmp_path, host) as engine:
        job, live = await running(engine, wants=False)
        host.end(live.attempt.id, 0)
        assert (await ended(engine, job, live)).result is None
        assert host.asked == 0


async def test_a_result_that_came_along_is_not_asked_for(tmp_path: Path) -> None:
    host = Keeper()
    host.trouble = Unreachable("no route")
    async with an_engine(tmp_path, host) as engine:
        job, live = await running(engine)
        attempt, state = live.attempt.id, HostState.EXITED
        end = Report(attempt=attempt, state=state, code=0, result=b"7", result_size=1)
        engine.desk.attempts.heard(end)
        assert (await ended(engine, job, live)).result == b"7"
        assert host.asked == 0


@pytest.mark.parametrize("trouble", [Unreachable("no route"), SpoolGone("it is not there")])
async def test_an_end_waits_for_its_result(tmp_path: Path, trouble: EngineError) -> None:
    clock, host = ManualClock(), Keeper()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        job, live = await running(engine)
        other, quick = await running(engine, wants=False)
        host.trouble = trouble
        host.results[live.attempt.id] = b"7"
        host.end(live.attempt.id, 0)
        host.end(quick.attempt.id, 0)
        await engine.until_state(other, State.SUCCEEDED)
        await when(lambda: host.asked > 0)
        assert (await engine.job(job)).now.state is State.RUNNING
        host.trouble = None
        clock.advance(AGAIN_S)
        assert (await ended(engine, job, live)).result == b"7"


@pytest.mark.parametrize(
    "trouble",
    [InvalidSpec("`result` is no log"), LinkRefused("no", details={"denied": True})],
)
async def test_what_can_never_be_read_is_not_waited_for(
    tmp_path: Path, trouble: EngineError
) -> None:
    host = Keeper()
    async with an_engine(tmp_path, host) as engine:
        job, live = await running(engine)
        host.trouble = trouble
        host.end(live.attempt.id, 0)
        assert (await ended(engine, job, live)).result is None


async def test_a_host_that_comes_back_is_asked_at_once(tmp_path: Path) -> None:
    host = Keeper()
    async with an_engine(tmp_path, host) as engine:
        job, live = await running(engine)
        host.trouble = Unreachable("no route")
        host.results[live.attempt.id] = b"7"
        host.end(live.attempt.id, 0)
        await when(lambda: host.asked > 0)
        host.trouble = None
        for report in await host.adopt([live.attempt.id]):
            engine.desk.attempts.heard(report)
        assert (await ended(engine, job, live)).result == b"7"


async def test_a_new_daemon_reads_what_the_last_one_could_not(tmp_path: Path) -> None:
    host = Keeper()
    host.trouble = Unreachable("no route")
    async with an_engine(tmp_path, host) as engine:
        job, live = await running(engine)
        host.end(live.attempt.id, 0)
        await when(lambda: host.asked > 0)
    with sqlite3.connect(tmp_path / "crabtui.db") as database:
        wanting = "CAST(json_set(CAST(spec AS TEXT), '$.wants_result', json('true')) AS BLOB)"
        database.execute(f"UPDATE specs SET spec = {wanting}")
    database.close()
    asked = host.asked
    async with an_engine(tmp_path, host) as engine:
        await when(lambda: host.asked > asked)
        assert (await engine.job(job)).now.state is State.RUNNING
        host.trouble = None
        await engine.until_state(job, State.SUCCEEDED)


async def test_a_worker_that_is_declared_dead_is_not_waited_for(tmp_path: Path) -> None:
    clock, host = ManualClock(), Keeper()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        job, live = await running(engine)
        host.trouble = Unreachable("no route")
        host.end(live.attempt.id, 0)
        await when(lambda: host.asked > 0)
        await engine.desk.attempts.declare_dead("local", "ada")
        assert live.report is not None
        assert live.report.state is HostState.LOST
        clock.advance(AGAIN_S)
        await turns()
        assert not engine.desk.attempts.uncollected.pile("local").reports
        assert (await engine.job(job)).now.state is not State.SUCCEEDED


def reports() -> Sequence[tuple[dict[str, Any], bool]]:
    exited = HostState.EXITED
    return [
        ({"state": exited, "code": 0}, True),
        ({"state": exited, "code": 3}, True),
        ({"state": exited, "signal": 9, "why": "timeout"}, True),
        ({"state": exited, "code": 0, "collected": True}, False),
        ({"state": exited, "why": "nospawn"}, False),
        ({"state": exited, "why": "lease"}, False),
        ({"state": HostState.LOST}, False),
        ({"state": HostState.RUNNING}, False),
    ]


@pytest.mark.parametrize(("facts", "kept"), reports())
def test_which_ends_are_kept_back(facts: dict[str, Any], kept: bool) -> None:
    job = a_job(wants_result=True)
    live = Live(attempt=an_attempt(job), job=job)
    report = Report(attempt=live.attempt.id, **facts)
    assert Uncollected().keeps(live, report) is kept
    assert has_ended(report) or not kept
