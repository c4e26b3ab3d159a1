"""What a daemon finds in the spool that the last one left there."""

from pathlib import Path
from typing import Any

from engine.backends.protocol import HostState, Report
from engine.control import messages as ask
from engine.errors import InvalidSpec
from engine.model.ids import AttemptId
from engine.model.states import State
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}


class Forgetful(FakeBackend):
    """A host that cleans up nothing while `is_cut_off`."""

    is_cut_off = True

    async def tidy(self, attempts: Any) -> None:
        if not self.is_cut_off:
            await super().tidy(attempts)
            for attempt in attempts:
                self.reports.pop(attempt, None)


async def test_what_was_not_cleaned_up_is_at_the_next_start(tmp_path: Path) -> None:
    host = Forgetful()
    async with an_engine(tmp_path, host) as engine:
        over, runs = await engine.submit(TRUE, TRUE)
        ended, live = await engine.running(over), await engine.running(runs)
        host.end(ended, 0)
        await engine.until_state(over, State.SUCCEEDED)
    host.is_cut_off = False
    strange = [AttemptId("77-1-1"), AttemptId("tmp.x"), AttemptId(f"{2**70}-1-1")]
    for attempt in strange:
        host.reports[attempt] = Report(attempt=attempt, state=HostState.EXITED, code=0)
    async with an_engine(tmp_path, host) as engine:
        await when(lambda: engine.desk.warnings.get("local"))
        await when(lambda: host.tidied)
        await turns()
        assert host.tidied == [ended]
        assert set(host.reports) == {live, *strange}
        checked: Any = await engine.ask(ask.Check())
        assert checked.problems == (
            "worker local: 3 attempts in the spool are unknown to the database: "
            + ", ".join(strange),
        )


async def test_a_spool_that_cannot_be_looked_through_hinders_nobody(tmp_path: Path) -> None:
    class Littered(FakeBackend):
        asked = 0

        async def foreign(self) -> list[Report]:
            self.asked += 1
            raise InvalidSpec("'.x y' is not an attempt id")

    host = Littered()
    async with an_engine(tmp_path, host) as engine:
        await when(lambda: host.asked)
        [job] = await engine.submit(TRUE)
        assert await engine.running(job)
        assert host.asked == 1
