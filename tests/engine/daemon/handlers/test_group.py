"""Jobs counted by what they have in common, and the values offered while one types."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.views import GroupView
from engine.errors import InvalidSpec
from engine.store.values import GROUPS
from tests.kit.engine import Engine, an_engine

HELD: dict[str, Any] = {"argv": ["true"], "hold": True}


def plain(groups: Any) -> dict[str | None, int]:
    return {group.value: group.count for group in groups}


async def listed(engine: Engine, where: str) -> int:
    page: Any = await engine.ask(ask.ListJobs(where=where))
    return int(page.total)


async def some(engine: Engine) -> None:
    await engine.submit(
        *[{**HELD, "queue": "a", "name": f"n{i % 2}", "tags": ["x", "y"]} for i in range(4)],
        *[{**HELD, "queue": "b", "name": "n0", "owner": "ann"} for _ in range(3)],
    )


async def test_jobs_are_counted_by_a_field_and_each_count_is_that_of_its_filter(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        await some(engine)
        for by in GROUPS:
            for where in ("", "queue:a", "name:n0"):
                found: Any = await engine.ask(ask.GroupJobs(by=by, where=where))
                assert found.is_exact
                assert found.groups
                for group in found.groups:
                    assert sum(group.by_state.values()) == group.count
                    if group.where:
                        both = f"{where} {group.where}".strip()
                        assert await listed(engine, both) == group.count, both


async def test_the_commonest_come_first_and_the_rest_is_counted(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await some(engine)
        found: Any = await engine.ask(ask.GroupJobs(by="name", count=1))
        assert found.groups == (
            GroupView(value="n0", count=5, by_state={"queued": 5}, where="name=n0"),
        )
        assert (found.others, found.jobs) == (1, 7)
        tags: Any = await engine.ask(ask.GroupJobs(by="tag"))
        assert plain(tags.groups) == {"x": 4, "y": 4, None: 3}


async def test_queued_jobs_are_grouped_by_what_their_lane_waits_for(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="default", pause=True, why="hot"))
        await engine.submit(*[{"argv": ["true"]} for _ in range(3)])
        await engine.submit({**HELD, "queue": "b"})
        found: Any = await engine.ask(ask.GroupJobs(by="reason"))
        [waiting] = [group for group in found.groups if group.count == 3]
        assert waiting.value
        assert await listed(engine, waiting.where) == 3


async def test_what_jobs_cannot_be_counted_by_is_refused_with_the_nearest(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec) as caught:
            await engine.ask(ask.GroupJobs(by="quue"))
        assert caught.value.nearest == "queue"
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.GroupJobs(by="queue", count=0))


async def test_values_are_offered_with_counts_the_likeliest_first(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await some(engine)
        queues: Any = await engine.ask(ask.Suggest(field="queue"))
        assert [(v.value, v.count) for v in queues.values] == [("a", 4), ("b", 3)]
        assert queues.is_exact
        names: Any = await engine.ask(ask.Suggest(field="name", begun="1"))
        assert [(v.value, v.count) for v in names.values] == [("n1", 2)]
        owners: Any = await engine.ask(ask.Suggest(field="by", begun="ANN"))
        assert [(v.value, v.count) for v in owners.values] == [("ann", 3)]
        times: Any = await engine.ask(ask.Suggest(field="since"))
        assert times.values == ()
        with pytest.raises(InvalidSpec) as caught:
            await engine.ask(ask.Suggest(field="quue"))
        assert caught.value.nearest == "queue"
