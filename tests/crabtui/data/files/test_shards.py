"""Shards: judged whole, in any order; a set that is not complete is no success."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.files.junit import read_report
from crabtui.data.files.shards import FAILED, INCOMPLETE, Shard, judge, sentence, warning

GOOD = read_report(b'<testsuite><testcase name="a"/></testsuite>', "x")
BAD = read_report(b'<testsuite><testcase name="b"><failure/></testcase></testsuite>', "x")
NONE = read_report(b"<testsuite/>", "x")

STATES = ("succeeded", "failed", "canceled", "timeout", "skipped")


def a_shard(index: int, state: str = "succeeded", code: int | None = 0) -> Shard:
    return Shard(index=index, job=index + 11, state=state, exit_code=code)


def test_all_passed() -> None:
    verdict = judge(2, [a_shard(1), a_shard(0)])
    assert (verdict.code, verdict.is_complete) == (0, True)
    assert sentence(verdict) == "2 of 2 shards passed"


def test_one_failed() -> None:
    verdict = judge(2, [a_shard(0, "failed", 1), a_shard(1)])
    assert (verdict.code, verdict.failed) == (FAILED, (0,))


def test_a_shard_that_is_missing_is_no_success() -> None:
    verdict = judge(3, [a_shard(0), a_shard(2)])
    assert (verdict.code, verdict.missing) == (INCOMPLETE, (1,))
    assert "incomplete" in sentence(verdict)


def test_a_shard_that_was_lost_has_not_run() -> None:
    assert judge(1, [a_shard(0, "failed", None)]).code == INCOMPLETE


def test_a_shard_without_a_report_is_no_success() -> None:
    verdict = judge(2, [a_shard(0), a_shard(1)], {0: GOOD})
    assert (verdict.code, verdict.unreported) == (INCOMPLETE, (1,))


def test_a_report_that_tells_of_failures_is_believed_over_the_exit_code() -> None:
    assert judge(1, [a_shard(0)], {0: BAD}).code == FAILED


def test_reports_without_any_test_are_no_success() -> None:
    assert judge(1, [a_shard(0)], {0: NONE}).code == FAILED


def test_tests_that_ran_everywhere_are_told_of() -> None:
    verdict = judge(2, [a_shard(0), a_shard(1)], {0: GOOD, 1: GOOD})
    assert "more than one shard" in warning(verdict)
    assert warning(judge(1, [a_shard(0)], {0: GOOD})) == ""


@given(st.data())
def test_the_order_is_nothing_and_success_is_all_or_none(data: st.DataObject) -> None:
    states = data.draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=6))
    shards = [
        a_shard(i, state, 1 if state == "failed" else 0) for i, state in enumerate(states)
    ]
    usual = judge(len(states), shards)
    assert judge(len(states), data.draw(st.permutations(shards))) == usual
    assert (usual.code == 0) == (set(states) == {"succeeded"})
    assert usual.passed + len(usual.failed) + len(usual.missing) == len(states)
