"""Which outcomes get a fingerprint, and from what."""

import pytest

from engine.model.spec import Command, JobSpec
from engine.policy.jobs.marking import marked
from engine.policy.jobs.outcomes import outcome_of


def fp(spec: JobSpec, **end: object) -> str:
    outcome = marked(outcome_of("exited", **end), spec)  # type: ignore[arg-type]
    return outcome.trouble.fp if outcome.trouble else ""


def shell(line: str, name: str = "") -> JobSpec:
    return JobSpec(command=Command(shell=line), name=name)


@pytest.mark.parametrize(
    "end", [{"code": 3}, {"signal": 9}, {"why": "timeout"}, {"why": "nospawn", "message": "no"}]
)
def test_what_went_wrong_is_marked(end: dict[str, object]) -> None:
    assert len(fp(shell("make"), **end)) == 8


@pytest.mark.parametrize("end", [{"code": 0}, {"code": 0, "why": "stop"}, {"why": "fenced"}])
def test_what_did_not_is_not(end: dict[str, object]) -> None:
    assert fp(shell("make"), **end) == ""


def test_a_name_goes_before_the_command() -> None:
    assert fp(shell("make a", "x"), code=3) == fp(shell("cmake b", "x"), code=3)
    assert fp(shell("make a"), code=3) != fp(shell("cmake b"), code=3)
