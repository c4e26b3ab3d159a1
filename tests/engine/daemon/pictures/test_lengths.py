"""How long jobs and attempts took, though host and daemon have clocks of their own."""

from msgspec.structs import replace

from engine.daemon.pictures.rendering import attempt_view, job_view
from tests.kit.build import NOW, a_job, an_attempt


def test_nothing_took_less_than_no_time() -> None:
    job = a_job()
    early = {"started_at": NOW, "ended_at": NOW - 1_500}
    ended = replace(job, now=replace(job.now, **early))
    assert job_view(ended, "local").duration_ms == 0
    assert attempt_view(an_attempt(ended, **early), ended).duration_ms == 0


def test_a_length_is_known_when_both_ends_are() -> None:
    job = a_job()
    begun = replace(job, now=replace(job.now, started_at=NOW))
    assert job_view(begun, "local").duration_ms is None
    over = replace(begun, now=replace(begun.now, ended_at=NOW + 2_900))
    assert job_view(over, "local").duration_ms == 2
