"""Acts on the processes of running jobs say what they would do."""

from typing import Any

from crabtui.acts import processes as acts
from crabtui.acts.situation import Scope, Situation
from engine.control.messages import Pause, Resume, Targets
from engine.control.views import JobRow


def a_job(number: int = 1, state: str = "running", **fields: Any) -> JobRow:
    return JobRow(
        id=number, version=1, state=state, name="x", queue="q", priority="normal", **fields
    )


def at(*jobs: JobRow, **fields: Any) -> Situation:
    return Situation(scopes=(Scope.JOBS,), jobs=jobs, count=len(jobs), **fields)


def test_pause_and_its_inverse() -> None:
    plan = acts.plan_pause(at(a_job()))
    targets = Targets(ids=(1,))
    assert (plan.request, plan.undo) == (Pause(targets=targets), "let go on")
    assert not plan.confirm
    again = acts.plan_pause(at(a_job(paused_at=5)))
    assert (again.request, again.undo) == (Resume(targets=targets), "keep still")


def test_many_are_asked_about_and_a_mixture_is_paused() -> None:
    plan = acts.plan_pause(at(a_job(1, paused_at=5), a_job(2), a_job(3, "queued")))
    assert isinstance(plan.request, Pause)
    assert (plan.confirm, plan.count) == (True, 2)


def test_what_cannot_be_paused_or_sent_to_says_why() -> None:
    assert "H holds" in (acts.why_not_pause(at(a_job(state="queued"))) or "")
    assert acts.why_not_pause(at(a_job())) is None
    assert acts.why_not_send(at(a_job())) is None
    assert "one job" in (acts.why_not_send(at(a_job(1), a_job(2))) or "")
    assert "reads nothing" in (acts.why_not_send(at(a_job(state="queued"))) or "")
    assert "array" in (acts.why_not_send(at(a_job(kind="composite"))) or "")
    assert "read-only" in (acts.why_not_pause(at(a_job(), read_only=True)) or "")
