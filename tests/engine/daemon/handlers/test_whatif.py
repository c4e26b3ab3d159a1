"""What if, and why: previews that foretell, tokens that do just that, and the histogram."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.control import messages as ask
from engine.daemon.desk import Caller
from engine.daemon.handlers import ANSWERS
from engine.errors import InvalidSpec, NotAllowed, NotFound, QueueFull, StaleLease
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.rules import Pressure, QueueRules, Rules
from tests.engine.loops.test_dispatch import when
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}


async def busy(engine: Engine) -> tuple[JobId, JobId, JobId, JobId]:
    """One runs, and three wait for its room."""
    first, *rest = await engine.submit(TRUE, TRUE, TRUE, TRUE)
    await engine.running(first)
    await engine.until(EventType.JOB_BLOCKED, job=rest[0])
    return (first, *rest)  # type: ignore[return-value]


def to_high(*jobs: int) -> ask.WhatIf:
    return ask.WhatIf(act="priority", targets=ask.Targets(ids=jobs), to="high")


async def test_a_raised_job_starts_earlier_and_applying_does_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        _, second, third, last = await busy(engine)
        preview: Any = await engine.ask(to_high(last))
        assert [(one.id, one.was_place, one.place) for one in preview.earlier] == [(last, 3, 1)]
        assert {one.id for one in preview.later} == {second, third}
        applied: Any = await engine.ask(ask.Apply(token=preview.token))
        assert [result.ok for result in applied.results] == [True]
        shown: Any = await engine.ask(ask.ShowJob(id=last))
        assert shown.job.priority == "high"


async def test_a_token_is_refused_once_its_target_has_moved(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        *_, last = await busy(engine)
        preview: Any = await engine.ask(to_high(last))
        await engine.ask(ask.Hold(targets=ask.Targets(ids=(last,))))
        with pytest.raises(StaleLease, match=f"#{last} has changed"):
            await engine.ask(ask.Apply(token=preview.token))
        shown: Any = await engine.ask(ask.ShowJob(id=last))
        assert shown.job.priority == "normal"
        with pytest.raises(InvalidSpec, match="no token"):
            await engine.ask(ask.Apply(token="nonsense"))


async def test_a_token_is_refused_once_the_configuration_has_changed(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        *_, last = await busy(engine)
        preview: Any = await engine.ask(to_high(last))
        engine.desk.working_set.set_rules(Rules(starvation_grants=7))
        with pytest.raises(StaleLease, match="the configuration has changed"):
            await engine.ask(ask.Apply(token=preview.token))
        engine.desk.working_set.set_rules(Rules())
        assert await engine.ask(ask.Apply(token=preview.token))


async def test_arrivals_and_other_jobs_do_not_count(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        _, second, _, last = await busy(engine)
        preview: Any = await engine.ask(to_high(last))
        await engine.submit(TRUE)
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(second,))))
        assert await engine.ask(ask.Apply(token=preview.token))


async def test_pause_drain_and_a_new_worker(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        _, *waiting = await busy(engine)
        paused: Any = await engine.ask(ask.WhatIf(act="pause", name="default"))
        assert [one.id for one in paused.later] == waiting
        assert all(one.place is None for one in paused.later)
        drained: Any = await engine.ask(ask.WhatIf(act="drain", name="local"))
        assert [one.id for one in drained.later] == waiting
        added: Any = await engine.ask(ask.WhatIf(act="add_worker", worker={"cpus": "2"}))
        assert [one.id for one in added.earlier] == waiting
        assert added.token == ""
        for bad, error in (
            (ask.WhatIf(act="drain", name="gone"), NotFound),
            (ask.WhatIf(act="explode"), InvalidSpec),
            (ask.WhatIf(act="add_worker", worker={"cores": 2}), InvalidSpec),
        ):
            with pytest.raises(error):
                await engine.ask(bad)


async def test_an_edit_is_previewed_as_it_is_done_and_then_done(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        _, second, third, last = await busy(engine)
        changes = {"priority": "high", "cpus": "0.5", "queue": "fast"}
        thought = ask.WhatIf(act="edit", targets=ask.Targets(ids=(last,)), changes=changes)
        preview: Any = await engine.ask(thought)
        assert preview.act == f"edit #{last} priority=high, cpus=0.5, queue=fast"
        assert [(one.id, one.place) for one in preview.earlier] == [(last, 1)]
        assert {one.id for one in preview.later} == {second, third}
        before = await engine.job(last)
        assert (before.now.queue, before.spec.resources.cpu_milli) == ("default", 1000)
        applied: Any = await engine.ask(ask.Apply(token=preview.token))
        assert [result.ok for result in applied.results] == [True]
        now = await engine.job(last)
        assert (now.now.queue, now.now.priority.label) == ("fast", "high")
        assert now.spec.resources.cpu_milli == 500
        with pytest.raises(StaleLease, match=f"#{last} has changed"):
            await engine.ask(ask.Apply(token=preview.token))


async def test_an_edit_that_nobody_could_make_is_refused(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        first, second, *_ = await busy(engine)
        for job, changes, error in (
            (second, {}, InvalidSpec),
            (second, {"cpus": 64}, InvalidSpec),
            (second, {"tenant": "bo"}, InvalidSpec),
            (second, {"colour": "red"}, InvalidSpec),
            (first, {"cpus": 1}, NotAllowed),
            (99, {"cpus": 1}, NotFound),
        ):
            targets = ask.Targets(ids=(job,))
            with pytest.raises(error):
                await engine.ask(ask.WhatIf(act="edit", targets=targets, changes=changes))


async def test_an_edit_into_a_queue_whose_limit_moves_is_refused(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        *_, last = await busy(engine)
        await engine.ask(ask.SetQueue(name="fast", limit=4))
        thought = ask.WhatIf(
            act="edit", targets=ask.Targets(ids=(last,)), changes={"queue": "fast"}
        )
        preview: Any = await engine.ask(thought)
        await engine.ask(ask.SetQueue(name="fast", limit=0))
        with pytest.raises(StaleLease, match="queue `fast` has changed"):
            await engine.ask(ask.Apply(token=preview.token))


async def test_levels_are_told_of_what_was_applied(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        *_, last = await busy(engine)
        preview: Any = await engine.ask(to_high(last))
        applied: Any = await engine.ask(ask.Apply(token=preview.token))
        [result] = applied.results
        assert (result.was, result.now) == ("normal", "high")
        up: Any = await engine.ask(
            ask.SetPriority(targets=ask.Targets(ids=(last,)), raise_by=-2)
        )
        assert (up.results[0].was, up.results[0].now) == ("high", "low")


async def test_drain_and_resume_are_applied(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        first, second, *_ = await busy(engine)
        drain: Any = await engine.ask(ask.WhatIf(act="drain", name="local"))
        await engine.ask(ask.Apply(token=drain.token))
        assert engine.desk.working_set.workers["local"].draining
        with pytest.raises(StaleLease, match="worker `local` has changed"):
            await engine.ask(ask.Apply(token=drain.token))
        engine.host.end(await engine.running(first), 0)
        await engine.until(EventType.JOB_COMPLETED, job=first)
        resume: Any = await engine.ask(ask.WhatIf(act="resume_worker", name="local"))
        assert resume.earlier[0].id == second
        await engine.ask(ask.Apply(token=resume.token))
        await engine.running(second)


async def test_a_queue_is_paused_limited_and_weighed_by_tokens(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        await busy(engine)
        for act, to in (("pause", None), ("resume", None), ("limit", 3), ("weight", 5)):
            preview: Any = await engine.ask(ask.WhatIf(act=act, name="default", limit=to))
            await engine.ask(ask.Apply(token=preview.token))
            queue = engine.desk.working_set.queues["default"]
            assert (queue.paused_by is not None) is (act == "pause")
        assert (queue.limit, queue.weight) == (3, 5)


async def test_other_requests_are_answered_while_a_preview_is_made(tmp_path: Path) -> None:
    looking, go_on = threading.Event(), threading.Event()

    class Slow(SystemClock):
        """Where previews are made, time does not pass until the test says so."""

        def monotonic(self) -> float:
            if threading.current_thread().name.startswith("what-if"):
                looking.set()
                assert go_on.wait(60)
            return super().monotonic()

    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        *_, last = await busy(engine)
        engine.desk.clock = Slow()
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(engine.ask(to_high(last)))
            await when(looking.is_set)
            shown: Any = await engine.ask(ask.ShowJob(id=last))
            [new] = await engine.submit(TRUE)
            assert (shown.job.id, asked.done()) == (last, False)
            go_on.set()
        preview: Any = asked.result()
        assert preview.earlier[0].id == last
        assert new not in {one.id for one in (*preview.earlier, *preview.later)}


async def test_a_client_that_leaves_holds_nobody_up(tmp_path: Path) -> None:
    looking, go_on, gave_up = threading.Event(), threading.Event(), threading.Event()

    class Stopped(SystemClock):
        """Where previews are made, time does not pass until the test says so."""

        def monotonic(self) -> float:
            if threading.current_thread().name.startswith("what-if"):
                looking.set()
                if not go_on.wait(60):
                    gave_up.set()
            return super().monotonic()

    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        *_, last = await busy(engine)
        engine.desk.clock = Stopped()
        asked = asyncio.ensure_future(engine.ask(to_high(last)))
        await when(looking.is_set)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        shown: Any = await engine.ask(ask.ShowJob(id=last))
        assert shown.job.id == last
        assert not gave_up.is_set()
        go_on.set()


async def test_a_preview_that_takes_too_long_says_how_far_it_looked(tmp_path: Path) -> None:
    class Hasty(SystemClock):
        """Three seconds pass between any two looks at it."""

        seconds = 0.0

        def monotonic(self) -> float:
            self.seconds += 3
            return self.seconds

    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        *_, last = await busy(engine)
        whole: Any = await engine.ask(to_high(last))
        assert whole.looked_ms is None
        engine.desk.clock = Hasty()
        preview: Any = await engine.ask(to_high(last))
        assert preview.looked_ms is not None
        assert (preview.earlier, preview.later) == ((), ())


async def test_reasons_are_counted_by_kind(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        _, second, _, _ = await busy(engine)
        [held] = await engine.submit({**TRUE, "hold": True})
        view: Any = await engine.ask(ask.ListReasons())
        found = {one.kind: one for one in view.reasons}
        assert {kind: one.count for kind, one in found.items()} == {"fit": 3, "hold": 1}
        assert (found["fit"].first, found["hold"].first) == (second, held)
        assert found["hold"].remedy == f"crabtui release {held}"
        assert view.waiting == 4
        await engine.ask(ask.SetQueue(name="other", limit=1))
        other: Any = await engine.ask(ask.ListReasons(queue="other"))
        assert other.waiting == 0


async def test_a_job_that_changes_while_a_token_is_applied_is_left_alone(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        _, second, third, _ = await busy(engine)
        seen: dict[int, int] = {}
        for job in (second, third):
            seen[job] = (await engine.job(job)).now.version
        await engine.ask(ask.Hold(targets=ask.Targets(ids=(second,))))
        caller = Caller(user="ana", expected=seen)
        verb = ask.SetPriority(targets=ask.Targets(ids=(second, third)), to="high")
        acted: Any = await ANSWERS[ask.SetPriority](engine.desk, caller, verb)
        told = {result.id: result.error for result in acted.results}
        assert told[third] is None
        assert "changed since the preview" in told[second]


async def test_a_preview_of_an_edit_into_a_full_queue_is_refused(tmp_path: Path) -> None:
    full = Rules(queues={"full": QueueRules(pressure=Pressure(max_depth=1))})
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        engine.desk.working_set.set_rules(full)
        _, second, *_ = await busy(engine)
        await engine.submit({**TRUE, "queue": "full"})
        move = ask.WhatIf(
            act="edit", targets=ask.Targets(ids=(second,)), changes={"queue": "full"}
        )
        with pytest.raises(QueueFull):
            await engine.ask(move)


async def test_reasons_of_a_queue_that_is_not_there_name_the_nearest(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(NotFound) as refused:
            await engine.ask(ask.ListReasons(queue="defualt"))
        assert refused.value.nearest == "default"
