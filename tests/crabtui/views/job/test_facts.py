"""A job in names and values."""

from crabtui.data.wording import Zone
from crabtui.views.job.facts import glance, request, use
from engine.control.views import JobDetail
from tests.kit.answers import a_job, a_usage


def test_what_it_used_and_how_it_went() -> None:
    detail = JobDetail(job=a_job(12), attempts=(), usage=a_usage(12))
    assert use(detail) == [
        ("cpu", "20.0 s, 100% at most  ██", "text"),
        ("memory", "300 MB at most  ▄▆█", "text"),
    ]


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert use(JobDetail(job=a_job(12), attempts=())) == []


def test_what_it_is_after_is_told_once_and_in_words() -> None:
    job = a_job(12, constraints={"depends_on": [2], "depends_otherwise": [[3, "failure"]]})
    facts = [name for name, _, _ in request(JobDetail(job=job, attempts=()), Zone())]
    assert "rules" not in facts


def test_a_whole_has_no_command_and_no_attempt_and_says_its_error_once() -> None:
    error = {"message": "bad failed"}
    job = a_job(12, kind="composite", error=error, note="bad failed", exit_code=None)
    facts = glance(JobDetail(job=job, attempts=()), job.created_at, Zone())
    names = [name for name, _, _ in facts]
    assert "command" not in names
    assert [text for _, text, _ in facts].count("bad failed") == 1
    assert not any("attempt" in text for _, text, _ in facts)
    one = glance(JobDetail(job=a_job(12, note="other"), attempts=()), job.created_at, Zone())
    assert {"command", "note"} <= {name for name, _, _ in one}
