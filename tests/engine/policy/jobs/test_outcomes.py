"""What a host's report of an end comes to."""

import pytest

from engine.errors import Category
from engine.model.outcome import Verdict
from engine.policy.jobs.outcomes import outcome_of, signal_name


def test_exit_0_is_success_without_trouble() -> None:
    outcome = outcome_of("exited", code=0)
    assert (outcome.verdict, outcome.exit_code, outcome.trouble) == (Verdict.SUCCEEDED, 0, None)


@pytest.mark.parametrize(
    ("report", "verdict", "code"),
    [
        ({"code": 3}, Verdict.FAILED, "exit"),
        ({"signal": 9}, Verdict.FAILED, "signal"),
        ({"signal": 9, "why": "timeout"}, Verdict.TIMEOUT, "timeout"),
        ({"code": 0, "why": "timeout"}, Verdict.TIMEOUT, "timeout"),
        ({"signal": 15, "why": "soft"}, Verdict.TIMEOUT, "soft_timeout"),
        ({"code": 143, "why": "soft"}, Verdict.TIMEOUT, "soft_timeout"),
        ({"signal": 15, "why": "stop"}, Verdict.CANCELED, "canceled"),
        ({"signal": 9, "why": "logcap"}, Verdict.FAILED, "log_cap"),
        ({"signal": 9, "why": "tokens"}, Verdict.FAILED, "token_budget"),
        ({"signal": 9, "why": "lease"}, Verdict.LOST, "lease_expired"),
        ({"why": "fenced"}, Verdict.VOID, "void"),
        ({}, Verdict.LOST, "no_status"),
    ],
)
def test_why_it_ended_decides(report: dict[str, object], verdict: Verdict, code: str) -> None:
    outcome = outcome_of("exited", **report)  # type: ignore[arg-type]
    assert outcome.verdict is verdict
    assert outcome.trouble is not None
    assert outcome.trouble.code == code


def test_heeding_a_soft_timeout_with_success_is_success() -> None:
    assert outcome_of("exited", code=0, why="soft").verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize("code", [0, 1, 143])
def test_a_promised_cancel_wins_and_the_true_code_is_kept(code: int) -> None:
    outcome = outcome_of("exited", code=code, cancel_acknowledged=True)
    assert (outcome.verdict, outcome.exit_code) == (Verdict.CANCELED, code)


@pytest.mark.parametrize(
    ("message", "code", "category"),
    [
        ("cannot enter /no/such: No such file or directory", "cwd_missing", "validation"),
        ("cannot start /x/y: No such file or directory", "not_found", "validation"),
        ("cannot start ./a: Permission denied", "not_executable", "validation"),
        ("cannot start ./permission denied: No such file", "not_found", "validation"),
        ("sh: Argument list too long", "too_long", "validation"),
        ("fork: Resource temporarily unavailable", "no_resources", "resource"),
        ("", "not_startable", "validation"),
    ],
)
def test_why_a_command_could_not_be_started(message: str, code: str, category: str) -> None:
    outcome = outcome_of("exited", why="nospawn", message=message)
    assert outcome.verdict is Verdict.UNSPAWNED
    assert outcome.trouble is not None
    assert (outcome.trouble.code, outcome.trouble.category) == (code, Category(category))
    assert outcome.trouble.message
    assert outcome.trouble.retryable is (category == "resource")


@pytest.mark.parametrize(
    ("code", "kind"), [(127, "not_found"), (126, "not_executable"), (1, "not_startable")]
)
def test_a_shells_code_helps_where_words_do_not(code: int, kind: str) -> None:
    outcome = outcome_of("exited", why="nospawn", code=code)
    assert outcome.trouble is not None
    assert outcome.trouble.code == kind


@pytest.mark.parametrize(
    ("why", "category", "retryable"),
    [("workspace", "validation", False), ("fetch", "backend", True)],
)
def test_no_workspace(why: str, category: str, retryable: bool) -> None:
    outcome = outcome_of("exited", why=why, message="cannot make a workspace of x: no")
    assert outcome.verdict is Verdict.UNSPAWNED
    assert outcome.trouble is not None
    assert (outcome.trouble.code, outcome.trouble.category) == ("workspace", category)
    assert outcome.trouble.message == "cannot make a workspace of x: no"
    assert outcome.trouble.retryable is retryable


@pytest.mark.parametrize("ended", ["lost", "rebooted", "gone", "absent"])
def test_an_unknown_end_is_lost_and_never_a_guess(ended: str) -> None:
    outcome = outcome_of(ended, cancel_acknowledged=True)
    assert (outcome.verdict, outcome.exit_code, outcome.signal) == (Verdict.LOST, None, None)
    assert outcome.trouble is not None
    assert (outcome.trouble.category, outcome.trouble.code) == (Category.LOST, ended)


def test_void_never_ran() -> None:
    assert outcome_of("void").verdict is Verdict.VOID


@pytest.mark.parametrize("state", ["running", "claimed", "otherhost"])
def test_what_has_not_ended_has_no_outcome(state: str) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        outcome_of(state)


def test_the_limit_is_in_the_words() -> None:
    outcome = outcome_of("exited", signal=9, why="timeout", hard_ms=10_000)
    assert outcome.trouble is not None
    assert outcome.trouble.message == "it ran longer than its hard timeout of 10s"


def test_signals_have_names() -> None:
    assert (signal_name(9), signal_name(123)) == ("SIGKILL", "signal 123")


def test_a_gate_that_was_not_passed() -> None:
    outcome = outcome_of("exited", code=3, why="gate", gate="make check")
    assert (outcome.verdict, outcome.exit_code) == (Verdict.FAILED, 3)
    assert outcome.trouble is not None
    assert outcome.trouble.code == "gate"
    assert outcome.trouble.message == "its gate `make check` exited with 3"
    killed = outcome_of("exited", signal=9, why="gate").trouble
    assert killed is not None
    assert killed.message == "its gate was ended by SIGKILL"
