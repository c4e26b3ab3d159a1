"""Quarantine: a worker that fails everything is found out, an honest one never."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Category
from engine.model.attempt import Attempt
from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.outcome import Trouble, Verdict
from engine.model.states import Phase
from engine.policy.workers.quarantine import End, end_of, likelihood, why_quarantine
from engine.policy.workers.signs import Sign, sign_of
from tests.kit.build import NOW, a_job

AFTER = 8


def an_end(worker: str, work: int, at: int, *, good: bool, ran: bool = True) -> End:
    """An attempt of the job with the number of its command."""
    return End(
        worker=worker,
        job=JobId(work),
        work=work,
        program=1,
        began_at=at,
        is_good=good,
        has_run=ran,
    )


def mixed(count: int, *, bad_there: bool, bad_here: bool = True) -> list[End]:
    """Each command once on each of two workers, one after the other."""
    return [
        end
        for number in range(count)
        for end in (
            an_end("here", number, 2 * number, good=not bad_here),
            an_end("there", number, 2 * number + 1, good=not bad_there),
        )
    ]


def test_a_worker_that_fails_what_goes_well_elsewhere_is_found_out() -> None:
    found = why_quarantine("here", mixed(13, bad_there=False), AFTER)
    assert found is not None
    assert "12 attempts of 12 jobs failed here in a row" in found


def test_commands_that_fail_everywhere_prove_nothing() -> None:
    ends = mixed(200, bad_there=True)
    assert why_quarantine("here", ends, AFTER) is None
    assert why_quarantine("there", ends, AFTER) is None


def test_other_commands_that_go_well_elsewhere_prove_nothing() -> None:
    bad = [an_end("here", number, number, good=False) for number in range(100)]
    well = [an_end("there", 1000 + n, n, good=True) for n in range(100)]
    both = sorted([*bad, *well], key=lambda end: end.began_at)
    assert why_quarantine("here", both, AFTER) is None


def test_what_went_well_before_or_after_its_failures_proves_nothing() -> None:
    bad = [an_end("here", number, 1000 + number, good=False) for number in range(50)]
    before = [an_end("there", number, number, good=True) for number in range(50)]
    after = [an_end("there", number, 2000 + number, good=True) for number in range(50)]
    assert why_quarantine("here", [*before, *bad], AFTER) is None
    assert why_quarantine("here", [*bad, *after], AFTER) is None


def test_one_success_there_starts_the_count_anew() -> None:
    ends = mixed(12, bad_there=False)
    well = an_end("here", 5, 24, good=True)
    assert why_quarantine("here", [*ends, well], AFTER) is None


def test_one_job_that_is_tried_again_and_again_proves_nothing() -> None:
    ends = [replace(end, job=JobId(1)) for end in mixed(40, bad_there=False)]
    assert why_quarantine("here", ends, AFTER) is None


def test_zero_turns_it_off() -> None:
    assert why_quarantine("here", mixed(100, bad_there=False), 0) is None


def test_a_program_that_starts_everywhere_else_is_missed_here() -> None:
    ends = [
        end
        for number in range(12)
        for end in (
            an_end("here", number, 2 * number, good=False, ran=False),
            an_end("there", 1000 + number, 2 * number + 1, good=False),
        )
    ]
    assert why_quarantine("here", ends, AFTER) is not None
    nowhere = [replace(end, has_run=False) for end in ends]
    assert why_quarantine("here", nowhere, AFTER) is None


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0, 1),
    share=st.floats(0.02, 0.98),
    works=st.integers(1, 40),
)
def test_equal_workers_are_never_accused(
    seed: int, rate: float, share: float, works: int
) -> None:
    """Whatever part of the attempts fails, by chance or by what the commands are."""
    chance = Random(seed)
    broken = {work for work in range(works) if chance.random() < rate}
    ends: list[End] = []
    for at in range(300):
        work = chance.randrange(works)
        is_good = work not in broken and chance.random() >= rate / 2
        worker = "here" if chance.random() < share else "there"
        ends.append(an_end(worker, work, at, good=is_good))
        if at % 7 == 0:
            assert why_quarantine("here", ends, AFTER) is None
            assert why_quarantine("there", ends, AFTER) is None


@given(failed=st.integers(1, 60), good=st.integers(0, 60), bad=st.integers(0, 60))
def test_more_of_the_same_evidence_never_weighs_less(failed: int, good: int, bad: int) -> None:
    now = likelihood(failed, good, bad)
    assert now <= 1e-9
    assert likelihood(failed, good + 1, bad) <= now + 1e-9
    assert likelihood(failed, good, bad + 1) >= now - 1e-9


def an_attempt(verdict: Verdict, code: str = "", category: Category = Category.LOST) -> Attempt:
    return Attempt(
        id=AttemptId("1-1-1"),
        job=JobId(1),
        number=1,
        epoch=Epoch(1),
        worker="w",
        phase=Phase.ENDED,
        intent_at=NOW,
        verdict=verdict,
        trouble=Trouble(category=category, code=code, message="") if code else None,
    )


@pytest.mark.parametrize(
    ("attempt", "sign"),
    [
        (an_attempt(Verdict.SUCCEEDED), Sign.WORKED),
        (an_attempt(Verdict.FAILED, "exit", Category.INTERNAL), Sign.WORKED),
        (an_attempt(Verdict.TIMEOUT, "timeout", Category.TIMEOUT), Sign.WORKED),
        (an_attempt(Verdict.LOST, "rebooted"), Sign.FAULT),
        (an_attempt(Verdict.LOST, "lost"), Sign.FAULT),
        (an_attempt(Verdict.LOST, "declared_dead"), Sign.NOTHING),
        (an_attempt(Verdict.LOST, "lease_expired"), Sign.NOTHING),
        (an_attempt(Verdict.UNSPAWNED, "start_failed", Category.BACKEND), Sign.FAULT),
        (an_attempt(Verdict.UNSPAWNED, "no_resources", Category.RESOURCE), Sign.FAULT),
        (an_attempt(Verdict.UNSPAWNED, "not_found", Category.VALIDATION), Sign.NOTHING),
        (an_attempt(Verdict.UNSPAWNED, "workspace", Category.BACKEND), Sign.NOTHING),
        (an_attempt(Verdict.VOID, "void", Category.BACKEND), Sign.NOTHING),
        (an_attempt(Verdict.CANCELED, "canceled", Category.CANCELED), Sign.NOTHING),
    ],
)
def test_only_what_is_the_workers_doing_is_its_fault(attempt: Attempt, sign: Sign) -> None:
    assert sign_of(attempt) is sign


def test_a_command_is_the_same_if_all_that_it_is_given_is() -> None:
    first, same, other = a_job("sh", "x"), a_job("sh", "x"), a_job("sh", "y")
    ended = an_attempt(Verdict.FAILED)
    told = [end for job in (first, same, other) if (end := end_of(ended, job)) is not None]
    assert told[0].work == told[1].work != told[2].work
    assert told[0].program == told[2].program
    assert end_of(an_attempt(Verdict.LOST, "lost"), first) is None
    nowhere = an_attempt(Verdict.UNSPAWNED, "workspace", Category.VALIDATION)
    assert end_of(nowhere, first) is None
