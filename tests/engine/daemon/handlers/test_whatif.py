"""What if, and why: previews that foretell, tokens that do just that, and the histogram."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import InvalidSpec, NotFound, StaleLease
from engine.model.events import EventType
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}


async def busy(engine: Engine) -> tuple[int, int, int, int]:
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
        assert (await engine.ask(ask.ListReasons(queue="other"))).waiting == 0  # type: ignore[attr-defined]
