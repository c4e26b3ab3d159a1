"""A host that has forgotten what it ran: what was seen alive there is lost, not unstarted."""

from pathlib import Path

import pytest

from engine.backends.protocol import HostState
from engine.model.states import State
from tests.engine.loops.test_dispatch import when
from tests.kit.engine import an_engine


@pytest.mark.parametrize("restart", ["never", "safe"])
async def test_a_job_runs_again_only_if_that_is_safe(tmp_path: Path, restart: str) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({"argv": ["true"], "restart": restart})
        attempt = await engine.running(job)
        engine.host.end(attempt, None, state=HostState.VOID)
        lives = engine.desk.working_set.live.by_attempt
        await when(lambda: attempt not in lives)
        if restart == "never":
            lost = await engine.until_state(job, State.FAILED)
            assert lost.now.trouble is not None
            assert lost.now.trouble.category == "lost"
        else:
            assert await engine.running(job) != attempt
        assert (await engine.job(job)).now.losses == 1
        assert len(engine.host.orders) == (1 if restart == "never" else 2)
