"""What becomes of a job when its attempt has ended."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.errors import Category
from engine.model.events import EventType
from engine.model.ids import AttemptId
from engine.model.job import Job
from engine.model.limits import PRESETS, Restart, RetryPolicy
from engine.model.outcome import Outcome
from engine.model.states import FINAL, Signal, State
from engine.policy.jobs.change import Change
from engine.policy.jobs.lifecycle import grant, start
from engine.policy.jobs.outcomes import outcome_of
from engine.policy.jobs.promotion import wake
from engine.policy.jobs.settlement import MOST_LOSSES, settle
from engine.policy.jobs.steering import cancel
from engine.policy.readiness import is_grantable
from tests.kit.build import NOW, SECOND, a_job, a_starting_job

LATER = NOW + 60 * SECOND
CRAB = PRESETS["crab"]

OUTCOMES = {
    "success": outcome_of("exited", code=0),
    "exit 3": outcome_of("exited", code=3),
    "SIGKILL": outcome_of("exited", signal=9),
    "timeout 10s": outcome_of("exited", signal=9, why="timeout", hard_ms=10_000),
    "soft timeout 2s": outcome_of("exited", code=1, why="soft", soft_ms=2_000),
    "not found": outcome_of("exited", why="nospawn", message="cannot start x: not found"),
    "full disk": outcome_of("exited", why="nostart", message="No space left on device"),
    "log cap": outcome_of("exited", signal=9, why="logcap"),
    "void": outcome_of("void"),
    "lost": outcome_of("lost"),
    "stopped": outcome_of("exited", signal=15, why="stop"),
}


def settled(job: Job, outcome: Outcome, at: int = LATER) -> Change:
    return settle(job, outcome, Random(0), at)


def running(**fields: object) -> Job:
    return a_job(state=State.RUNNING, **fields)


def test_success_ends_it() -> None:
    change = settled(running(), OUTCOMES["success"])
    assert (change.signal, change.event) == (Signal.SUCCEED, EventType.JOB_COMPLETED)
    now = change.now
    assert (now.state, now.ended_at, now.attempt) == (State.SUCCEEDED, LATER, None)
    assert (now.exit_code, now.failures, now.note, now.started_at) == (0, 0, "", NOW)


@pytest.mark.parametrize(
    ("name", "state", "event"),
    [
        ("exit 3", State.FAILED, EventType.JOB_FAILED),
        ("SIGKILL", State.FAILED, EventType.JOB_FAILED),
        ("log cap", State.FAILED, EventType.JOB_FAILED),
        ("not found", State.FAILED, EventType.JOB_FAILED),
        ("timeout 10s", State.TIMEOUT, EventType.JOB_TIMEOUT),
        ("soft timeout 2s", State.TIMEOUT, EventType.JOB_TIMEOUT),
    ],
)
def test_a_failure_without_retries_ends_it_with_a_short_note(
    name: str, state: State, event: EventType
) -> None:
    change = settled(running(), OUTCOMES[name])
    assert (change.now.state, change.event) == (state, event)
    assert (change.now.note, change.now.failures) == (name, 1)
    assert change.now.trouble == OUTCOMES[name].trouble
    assert "failure 1 of 1" in change.cause or "does not cover" in change.cause


def test_a_failure_with_retries_waits_and_holds_nothing() -> None:
    change = settled(running(retry=CRAB), OUTCOMES["exit 3"])
    now = change.now
    assert (change.signal, change.event) == (Signal.RETRY, EventType.JOB_RETRY)
    assert (now.state, now.wake_at, now.ended_at) == (State.RETRYING, LATER + 100_000, None)
    assert (now.attempt, now.started_at, now.failures) == (None, None, 1)
    assert (now.note, now.exit_code) == ("exit 3", 3)
    assert change.cause == "exit 3: failure 1 of 3"


def test_three_attempts_then_failed_and_never_recorded_as_complete() -> None:
    job = a_job(retry=CRAB)
    states = []
    for number in (1, 2, 3):
        granted = grant(job, AttemptId(f"{job.id}-{number}-1"), "local", "its turn")
        job = job.with_progress(granted.now)
        job = job.with_progress(start(job, NOW).now)
        job = job.with_progress(settled(job, OUTCOMES["exit 3"]).now)
        states.append(job.now.state)
        if woken := wake(job, LATER + 10 * SECOND):
            job = job.with_progress(woken.now)
    assert states == [State.RETRYING, State.RETRYING, State.FAILED]
    assert (job.now.failures, job.now.attempts, job.now.exit_code) == (3, 3, 3)


def test_an_end_before_the_start_is_known_is_a_start_and_an_end() -> None:
    change = settled(a_starting_job(), OUTCOMES["success"])
    assert (change.now.state, change.now.attempts) == (State.SUCCEEDED, 1)
    assert (change.now.started_at, change.now.ended_at) == (LATER, LATER)


@pytest.mark.parametrize("name", ["not found", "lost", "void"])
def test_what_never_ran_counts_as_an_attempt_but_has_no_start(name: str) -> None:
    now = settled(a_starting_job(), OUTCOMES[name]).now
    assert (now.attempts, now.started_at, now.attempt) == (1, None, None)


def test_a_void_attempt_puts_the_job_back_in_its_lane() -> None:
    change = settled(a_starting_job(), OUTCOMES["void"])
    assert (change.signal, change.now.failures, change.now.losses) == (None, 0, 0)
    assert is_grantable(a_job().with_progress(change.now), LATER)


def test_what_its_worker_could_not_start_is_never_a_failure() -> None:
    job, waits_ms = a_job(), []
    for number in range(1, 12):
        granted = grant(job, AttemptId(f"{job.id}-{number}-1"), "far", "its turn")
        change = settled(job.with_progress(granted.now), OUTCOMES["full disk"])
        assert "`far` could not start it, which counts for nothing" in change.cause
        assert "No space left" in change.cause
        job = job.with_progress(change.now)
        assert (job.now.failures, job.now.losses, job.now.attempts) == (0, 0, number)
        if job.now.wake_at is not None:
            waits_ms.append((job.now.wake_at - LATER) // 1000)
            woken = wake(job, job.now.wake_at)
            assert woken is not None
            job = job.with_progress(woken.now)
        assert job.now.state is State.QUEUED
    assert waits_ms == [1000, 2000, 4000, 8000, 16_000, *[30_000] * 5]


def test_a_lost_job_that_is_safe_runs_again_without_a_failure() -> None:
    change = settled(running(), OUTCOMES["lost"])
    now = change.now
    assert (change.signal, change.event) == (Signal.REQUEUE, EventType.JOB_QUEUED)
    assert (now.state, now.failures, now.losses) == (State.QUEUED, 0, 1)
    assert is_grantable(running().with_progress(now), LATER)


def test_a_job_that_takes_down_workers_stops_at_five() -> None:
    job = running(now={"losses": MOST_LOSSES - 1})
    now = settled(job, OUTCOMES["lost"]).now
    assert (now.state, now.losses) == (State.FAILED, 5)
    assert now.trouble is not None
    assert (now.trouble.category, now.trouble.code) == (Category.LOST, "poison")


@pytest.mark.parametrize(("restart", "asks"), [(Restart.NEVER, False), (Restart.ASK, True)])
def test_other_contracts_do_not_run_it_again(restart: Restart, asks: bool) -> None:
    now = settled(running(restart=restart, retry=CRAB), OUTCOMES["lost"]).now
    assert (now.state, now.note, now.needs_operator) == (State.FAILED, "lost", asks)
    assert now.trouble is not None
    assert now.trouble.category is Category.LOST


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("make", [running, a_starting_job])
def test_a_promised_cancel_wins_over_every_end(name: str, make: type[Job]) -> None:
    job = make(retry=CRAB)
    asked = cancel(job, NOW, "ana", "changed my mind")
    assert asked is not None
    change = settled(job.with_progress(asked.now), OUTCOMES[name])
    now = change.now
    assert (now.state, change.event) == (State.CANCELED, EventType.JOB_CANCELED)
    assert (now.note, now.wake_at, now.stopping) == ("canceled", None, False)
    assert now.exit_code == OUTCOMES[name].exit_code
    assert change.cause == "canceled by ana: changed my mind"


def test_an_end_by_our_stop_is_canceled_even_if_nobody_is_named() -> None:
    change = settled(running(retry=CRAB), OUTCOMES["stopped"])
    assert (change.now.state, change.cause) == (State.CANCELED, "stopped")


@given(
    st.sampled_from(sorted(OUTCOMES)),
    st.sampled_from(Restart),
    st.integers(1, 4),
    st.integers(0, 5),
    st.booleans(),
)
def test_whatever_happened_nothing_stays_held(
    name: str, restart: Restart, most: int, failures: int, has_begun: bool
) -> None:
    retry = RetryPolicy(max_attempts=most)
    make = running if has_begun else a_starting_job
    job = make(restart=restart, retry=retry, now={"failures": failures, "unreachable_at": NOW})
    now = settled(job, OUTCOMES[name]).now
    assert (now.attempt, now.stopping, now.unreachable_at) == (None, False, None)
    assert now.version == job.now.version
    assert (now.ended_at is None) is (now.state not in FINAL)
    assert (now.wake_at is None) is (now.state is not State.RETRYING)
    assert now.state_at == LATER


@given(
    st.lists(st.sampled_from(["lost", "rebooted", "lease", "dead", "void"]), max_size=14),
    st.sampled_from([0, 2]),
)
def test_poison_is_five_losses_with_a_worker_and_nothing_else(
    ends: list[str], failures: int
) -> None:
    outcomes = {
        "lost": outcome_of("lost"),
        "rebooted": outcome_of("rebooted"),
        "lease": outcome_of("exited", why="lease"),
        "dead": outcome_of("lost", why="declared_dead", message="ana says so"),
        "void": outcome_of("void"),
    }
    job = a_job(restart=Restart.SAFE, retry=CRAB, now={"failures": failures})
    gone: list[str] = []
    for number, end in enumerate(ends):
        open_ = replace(job.now, attempt=AttemptId(f"1-{number}-1"), worker=f"w{number}")
        if end in ("lost", "rebooted"):
            gone.append(f"w{number}")
        workers = gone if end in ("lost", "rebooted") else [*gone, f"w{number}"]
        change = settle(job.with_progress(open_), outcomes[end], Random(0), LATER, workers)
        job = job.with_progress(change.now)
        if len(gone) == MOST_LOSSES:
            break
        assert (job.now.state, job.now.losses) == (State.QUEUED, len(gone))
    assert job.now.failures == failures
    if len(gone) < MOST_LOSSES:
        return
    assert job.now.state is State.FAILED
    assert job.now.trouble is not None
    assert (job.now.trouble.category, job.now.trouble.code) == (Category.LOST, "poison")
    assert all(f"`{name}`" in job.now.trouble.message for name in gone)


def test_an_operators_word_is_told_as_it_was_said() -> None:
    outcome = outcome_of("lost", why="declared_dead", message="ana declared `w` dead: fire")
    job = settled(running(restart=Restart.NEVER), outcome)
    assert (job.now.state, job.now.losses) == (State.FAILED, 0)
    assert job.now.trouble is not None
    assert job.now.trouble.code == "declared_dead"
    assert job.now.trouble.message == "ana declared `w` dead: fire"
