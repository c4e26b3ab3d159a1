"""`retry` of members: the limit and the key of their array hold from the first one on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import HostState, Order, Report
from engine.control import messages as ask
from engine.model.ids import JobId
from engine.model.states import FINAL, State
from tests.engine.daemon.handlers.test_arrays import acted, send, states, to
from tests.kit.engine import Engine, FakeBackend, an_engine

FALSE: dict[str, Any] = {"argv": ["false"]}


class Counting(FakeBackend):
    """A host that knows how many attempts ran at once on it."""

    most = 0

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        answers = await super().start(orders)
        running = [one for one in self.reports.values() if one.state is HostState.RUNNING]
        self.most = max(self.most, len(running))
        return answers


async def a_failed_array(engine: Engine, count: int, **job: Any) -> JobId:
    """All of its members have failed; from now on attempts run until told to end."""
    engine.host.ends_at_once = 1
    array = await send(engine, f"1-{count}", job={**FALSE, **job}, limit=1)
    await engine.until_state(array, State.FAILED)
    engine.host.ends_at_once = None
    return array


def whole(array: JobId) -> ask.Targets:
    return to(array)


def members(array: JobId) -> ask.Targets:
    return ask.Targets(where=f"array:{array} id>{array}")


@pytest.mark.parametrize("targets", [whole, members])
async def test_no_more_members_run_again_than_the_limit_allows(
    tmp_path: Path, targets: Any
) -> None:
    host = Counting(cpus=8)
    async with an_engine(tmp_path, host) as engine:
        array = await a_failed_array(engine, 6)
        answer: Any = await engine.ask(ask.Retry(targets=targets(array)))
        assert all(result.ok for result in answer.results)
        for member in range(array + 1, array + 7):
            engine.host.end(await engine.running(JobId(member)), 0)
            await engine.until_state(JobId(member), *FINAL)
        assert (await engine.until_state(array, State.SUCCEEDED)).now.note == ""
        assert host.most == 1
        assert array not in engine.desk.working_set.arrays


async def test_members_of_an_array_whose_key_is_taken_are_not_run_again(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        array = await a_failed_array(engine, 2, key="k")
        [other] = await engine.submit({**FALSE, "key": "k", "hold": True})
        said = (
            f"array #{array} cannot go on: the key 'k' belongs to job {other}, "
            "which has not ended"
        )
        for targets in (to(array + 1), to(array), members(array)):
            answer: Any = await engine.ask(ask.Retry(targets=targets))
            assert {(result.ok, result.error) for result in answer.results} == {(False, said)}
        assert await states(engine, array) == ["failed"] * 2
        assert (await engine.job(array)).now.state is State.FAILED
        await engine.ask(ask.Cancel(targets=to(other)))
        assert (await acted(engine, ask.Retry(targets=to(array + 1)))).ok
        engine.host.end(await engine.running(JobId(array + 1)), 0)
        assert (await engine.until_state(array, *FINAL)).now.note == "1 of 2 failed"


async def test_an_array_of_which_nothing_can_be_run_again_stays_ended(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.host.ends_at_once = 0
        array = await send(engine, "1-2")
        await engine.until_state(array, State.SUCCEEDED)
        assert not (await acted(engine, ask.Retry(targets=to(array)))).ok
        assert not (await acted(engine, ask.Retry(targets=to(array + 2)))).ok
        assert (await engine.job(array)).now.state is State.SUCCEEDED
        assert not engine.desk.working_set.arrays
