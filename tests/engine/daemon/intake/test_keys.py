"""What a submission does when a live job has the key of one of its jobs."""

import pytest

from engine.control import messages as ask
from engine.errors import InvalidSpec, KeyTaken, NotAllowed
from engine.model.states import State
from tests.kit.engine import an_engine

WAITS = {"command": ["make"], "key": "nightly", "hold": True}


async def test_the_live_jobs_id_is_the_answer(tmp_path):
    async with an_engine(tmp_path) as engine:
        [holder] = await engine.submit(WAITS)
        request = ask.Submit(jobs=({"command": ["true"]}, WAITS))
        answer = await engine.ask(request)
    assert [(job.id == holder, job.created) for job in answer.jobs] == [
        (False, True),
        (True, False),
    ]


async def test_a_key_of_another_tenant_is_another_key(tmp_path):
    async with an_engine(tmp_path) as engine:
        [ours] = await engine.submit(WAITS)
        theirs, again = await engine.submit({**WAITS, "tenant": "b"}, WAITS)
    assert theirs != ours == again


async def test_a_waiting_job_is_replaced_and_a_running_one_is_not(tmp_path):
    async with an_engine(tmp_path) as engine:
        [first] = await engine.submit(WAITS)
        [second] = await engine.submit({**WAITS, "hold": False}, on_key="replace")
        assert (await engine.job(first)).now.state is State.CANCELED
        await engine.running(second)
        with pytest.raises(NotAllowed, match=f"#{second} has the key 'nightly' and runs"):
            await engine.submit(WAITS, on_key="replace")


async def test_refused_on_request(tmp_path):
    async with an_engine(tmp_path) as engine:
        [holder] = await engine.submit(WAITS)
        with pytest.raises(KeyTaken) as refused:
            await engine.submit(WAITS, on_key="reject")
        assert refused.value.details["job"] == holder


async def test_two_jobs_of_one_submission_cannot_have_one_key(tmp_path):
    async with an_engine(tmp_path) as engine:
        with pytest.raises(KeyTaken, match="two jobs of this submission") as refused:
            await engine.submit({"command": ["true"]}, WAITS, WAITS)
        assert refused.value.field == "jobs[2].key"
        assert engine.desk.working_set.counters.by_state() == {}


async def test_a_repeated_request_has_the_same_ids_whatever_became_of_the_keys(tmp_path):
    plain = {"command": ["true"], "hold": True}
    async with an_engine(tmp_path) as engine:
        [holder] = await engine.submit(WAITS)
        mixed = ask.Submit(jobs=(plain, WAITS, plain), request_key="r1")
        found = ask.Submit(jobs=(WAITS,), request_key="r2")
        answers = [await engine.ask(request) for request in (mixed, found)]
        assert [job.id for job in answers[0].jobs][1] == holder
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(holder,))))
        for request, first in zip((mixed, found), answers, strict=True):
            again = await engine.ask(request)
            assert (again.count, again.ids) == (first.count, first.ids)
            assert [job.id for job in again.jobs] == [job.id for job in first.jobs]
            assert not any(job.created for job in again.jobs)
        assert engine.desk.working_set.counters.by_state() == {"queued": 2, "canceled": 1}


@pytest.mark.parametrize("on_key", ["reject", "replace"])
async def test_keys_of_many_jobs_are_not_looked_up_one_by_one(tmp_path, on_key):
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec, match=f"'{on_key}' takes at most 100 jobs, not 101"):
            await engine.ask(ask.Submit(jobs=(WAITS,) * 101, on_key=on_key))
