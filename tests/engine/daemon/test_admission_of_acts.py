"""Acts that make a backlog deeper: judged like submissions, and never those that do not."""

from pathlib import Path

import pytest

from engine.control import messages as ask
from engine.control.messages import Targets
from engine.control.views import Acted, Result
from engine.errors import QueueFull
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.rules import Pressure, QueueRules, Quota, Rules, TenantRules
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine

HELD: dict[str, object] = {"command": ["true"], "hold": True}
SMALL = Rules(
    queues={"small": QueueRules(pressure=Pressure(max_depth=2, at_percent=(1, 2, 99)))}
)
TWO = Rules(pressure=Pressure(max_depth=2, at_percent=(1, 2, 99)))
QUOTA = Rules(tenants={"default": TenantRules(quota=Quota(queued=2))})


async def edited(engine: Engine, *ids: JobId, **changes: object) -> list[Result]:
    answer = await engine.ask(ask.Edit(targets=Targets(ids=ids), changes=changes))
    assert isinstance(answer, Acted)
    return list(answer.results)


async def retried(engine: Engine, *ids: JobId) -> list[Result]:
    answer = await engine.ask(ask.Retry(targets=Targets(ids=ids)))
    assert isinstance(answer, Acted)
    return list(answer.results)


async def test_jobs_are_moved_into_a_queue_until_it_is_full(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(SMALL)
        ids = await engine.submit(*[HELD] * 5)
        results = await edited(engine, *ids, queue="small")
        assert [one.ok for one in results] == [True, True, False, False, False]
        assert "queue small is full: 2 of 2 jobs wait, no room for 1 more" in str(
            results[2].error
        )
        assert engine.desk.working_set.backlog.depths["small"] == 2
        with pytest.raises(QueueFull):
            await engine.submit({**HELD, "queue": "small"})
        stays = await edited(engine, ids[0], name="other", priority="low")
        assert stays[0].ok
        back = await edited(engine, ids[0], queue="default")
        assert back[0].ok
        await engine.submit({**HELD, "queue": "small"})
        canceled = await engine.ask(ask.Cancel(targets=Targets(ids=(ids[1],))))
        assert canceled.results[0].ok  # type: ignore[attr-defined]
        assert (await edited(engine, ids[2], queue="small"))[0].ok


@pytest.mark.parametrize(("rules", "why"), [(TWO, "is full"), (QUOTA, "may have 2 jobs")])
async def test_ended_jobs_are_run_again_while_there_is_room(
    tmp_path: Path, rules: Rules, why: str
) -> None:
    host = FakeBackend(cpus=4)
    host.ends_at_once = 1
    job: dict[str, object] = {"command": ["false"], "retry": "never"}
    async with an_engine(tmp_path, host) as engine:
        ids = await engine.submit(*[job] * 4)
        for id_ in ids:
            await engine.until_state(id_, State.FAILED)
        await engine.ask(ask.SetQueue(name="default", pause=True))
        engine.desk.working_set.set_rules(rules)
        results = await retried(engine, *ids)
        assert [one.ok for one in results] == [True, True, False, False]
        assert why in str(results[2].error)
        assert engine.desk.working_set.backlog.depths["default"] == 2
        moved = await edited(engine, ids[0], queue="other")
        assert moved[0].ok


async def test_a_queue_comes_into_being_with_the_first_job_that_is_moved(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        answer = await engine.ask(ask.SubmitArray(job={"command": ["true"]}, values=("1-2",)))
        [(whole, last)] = answer.ids  # type: ignore[attr-defined]
        for member in range(whole + 1, last + 1):
            await engine.running(JobId(member))
        await edited(engine, whole, queue="nowhere")
        assert not (await edited(engine, last, queue="nowhere"))[0].ok
        assert "nowhere" not in engine.desk.working_set.stored_queues
        ids = await engine.submit(HELD, HELD, HELD)
        assert all(one.ok for one in await edited(engine, *ids, queue="somewhere"))
        assert "somewhere" in engine.desk.working_set.stored_queues
        created = [e for e in await engine.desk.store.events(Seq(0), 99) if e.job is None]
        told = [e for e in created if e.type is EventType.QUEUE_CREATED]
        assert [e.data["queue"] for e in told] == ["somewhere"]
