"""An attempt's way through its job while it goes well."""

import pytest

from engine.errors import IllegalTransition
from engine.model.events import EventType
from engine.model.ids import AttemptId
from engine.model.states import Signal, State
from engine.policy.jobs.lifecycle import find_again, grant, lose_sight, start
from engine.policy.readiness import is_grantable
from tests.kit.build import NOW, SECOND, a_job, a_starting_job


def test_a_granted_job_is_queued_and_in_no_lane() -> None:
    job = a_job(id=3)
    change = grant(job, AttemptId("3-1-1"), "w1", "its turn")
    assert (change.signal, change.event) == (None, EventType.ATTEMPT_INTENT)
    assert (change.now.state, change.now.attempt, change.now.worker) == (
        State.QUEUED,
        "3-1-1",
        "w1",
    )
    assert not is_grantable(job.with_progress(change.now), NOW)


def test_a_start_clears_what_the_last_attempt_left() -> None:
    job = a_starting_job(now={"exit_code": 3, "note": "exit 3", "attempts": 1})
    change = start(job, NOW + SECOND)
    assert (change.signal, change.event) == (Signal.START, EventType.JOB_STARTED)
    now = change.now
    assert (now.state, now.started_at, now.attempts) == (State.RUNNING, NOW + SECOND, 2)
    assert (now.exit_code, now.note) == (None, "")
    with pytest.raises(IllegalTransition):
        start(job.with_progress(now), NOW)


def test_silence_is_a_mark_and_no_end() -> None:
    job = a_job(state=State.RUNNING)
    silent = lose_sight(job, NOW)
    assert silent is not None
    assert (silent.signal, silent.now.state) == (None, State.RUNNING)
    assert (silent.now.attempt, silent.now.unreachable_at) == (job.now.attempt, NOW)
    missing = job.with_progress(silent.now)
    assert lose_sight(missing, NOW + 1) is None
    back = find_again(missing)
    assert back is not None
    assert back.now == job.now
    assert find_again(job) is None
