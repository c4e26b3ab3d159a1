"""A job in names and values."""

from crabtui.views.job_facts import use
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
