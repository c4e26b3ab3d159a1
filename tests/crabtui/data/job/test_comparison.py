"""Two jobs: what is the same is not said."""

from crabtui.data.job.comparison import Difference, differences
from engine.control.views import JobDetail
from tests.kit.answers import a_job, an_attempt


def a_run(argv, **known):
    env = known.pop("env", {})
    job = a_job(1, payload={"argv": argv, "env": env}, **known)
    return JobDetail(job=job, attempts=())


def test_the_same_job_twice_differs_in_nothing():
    one = a_run(["train", "--lr", "1"])
    assert differences(one, one) == []


def test_one_other_word_is_one_line():
    found = differences(a_run(["train", "--lr", "1"]), a_run(["train", "--lr", "2", "-v"]))
    assert found == [Difference("command 2", "1", "2"), Difference("command 3", "-", "-v")]


def test_what_only_one_has_stands_beside_nothing_and_with_its_kind():
    left = a_run(["x"], env={"A": "1", "B": "2"})
    right = a_run(["x"], env={"B": "3", "C": "4"})
    assert [(d.name, d.left, d.right) for d in differences(left, right)] == [
        ("env A", "1", "-"),
        ("env B", "2", "3"),
        ("env C", "-", "4"),
    ]


def test_secrets_are_compared_by_nobody():
    left, right = (a_run(["x"], env={"TOKEN": value}) for value in ("a", "b"))
    assert differences(left, right) == []


def test_how_they_ended_comes_last():
    left = a_run(["a"], state="succeeded", exit_code=0)
    right = a_run(["b"], state="failed", exit_code=137)
    right = JobDetail(job=right.job, attempts=(an_attempt(1, peak_memory_mb=31_000),))
    names = [each.name for each in differences(left, right)]
    assert names == ["command 0", "state", "exit", "memory"]
