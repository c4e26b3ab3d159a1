"""What is on record of a running job that is paused, resumed or fed."""

import pytest
from msgspec.structs import replace

from engine.errors import NotAllowed
from engine.model.events import EventType
from engine.model.job import Job
from engine.model.states import State
from engine.policy.jobs import handling
from engine.policy.jobs.steering import cancel
from tests.kit.build import a_job


def running(**fields: object) -> Job:
    job = a_job()
    now = replace(job.now, state=State.RUNNING, attempt="1-1-1", worker="w", **fields)
    return job.with_progress(now)


def test_a_pause_is_a_mark_that_a_resume_takes_away() -> None:
    change = handling.pause(running(), 7, "ann", clocks_too=True)
    assert change is not None
    assert (change.event, change.data) == (EventType.ATTEMPT_PAUSED, {"clocks": True})
    paused = running().with_progress(change.now)
    assert (paused.now.state, paused.now.paused_at) == (State.RUNNING, 7)
    assert handling.pause(paused, 8, "bob", clocks_too=True) is None
    again = handling.resume(paused, "bob")
    assert again is not None
    assert again.now == running().now
    assert handling.resume(running(), "bob") is None


@pytest.mark.parametrize("fields", [{"state": State.QUEUED}, {"stopping": True}])
def test_only_what_runs_and_shall_is_handled(fields: dict[str, object]) -> None:
    job = running()
    job = job.with_progress(replace(job.now, **fields))
    with pytest.raises(NotAllowed):
        handling.pause(job, 7, "ann", clocks_too=False)
    with pytest.raises(NotAllowed):
        handling.resume(job, "ann")


def test_what_is_told_to_end_is_paused_no_more() -> None:
    change = cancel(running(paused_at=7, paused_by="ann"), 9, "bob")
    assert change is not None
    assert (change.now.paused_at, change.now.paused_by) == (None, None)


def test_the_host_knows_better() -> None:
    found = handling.as_told(running(), is_paused=True, now_at=9)
    assert found is not None
    assert (found.now.paused_at, found.now.paused_by) == (9, "its host")
    gone = handling.as_told(running(paused_at=7), is_paused=False, now_at=9)
    assert gone is not None
    assert gone.event is EventType.ATTEMPT_RESUMED
    assert handling.as_told(running(), is_paused=False, now_at=9) is None


def test_what_was_fed_is_told_in_numbers() -> None:
    change = handling.fed(running(), "ann", 1, is_end=True)
    assert change is not None
    assert change.cause == "ann sent 1 byte and the end of its input"
    assert change.data == {"bytes": 1, "end": True}
    assert handling.fed(running(), "ann", 0, is_end=False) is None
