"""What acts on the processes of running jobs would do, said before it is done: pure plans."""

from crabtui.acts.jobs import COMPOSITE, on_jobs
from crabtui.acts.plan import Plan
from crabtui.acts.situation import Situation, objects
from engine.control.messages import Pause, Resume
from engine.control.views import JobRow
from engine.model.states import State


def _none_running(now: Situation) -> str | None:
    if now.where is None and not now.states[State.RUNNING]:
        return "only running jobs can be paused; H holds those that wait"
    return None


def _not_one_running(now: Situation) -> str | None:
    if now.where is not None or len(now.jobs) != 1:
        return "send to one job at a time"
    if now.jobs[0].kind == COMPOSITE:
        return f"#{now.jobs[0].id} is an array: send to one of its members"
    if now.jobs[0].state != State.RUNNING:
        return f"#{now.jobs[0].id} is {now.jobs[0].state}: it reads nothing"
    return None


def _nowhere(now: Situation) -> str | None:
    if now.where is not None or len(now.jobs) != 1:
        return "one job at a time"
    if now.jobs[0].kind == COMPOSITE:
        return f"#{now.jobs[0].id} is an array: go to one of its members"
    if now.jobs[0].worker_id is None:
        return f"#{now.jobs[0].id} is {now.jobs[0].state}: it has no worker"
    return None


why_not_pause = on_jobs(why_not=_none_running)
why_not_send = on_jobs(why_not=_not_one_running)
why_not_session = on_jobs(why_not=_nowhere)


def plan_pause(now: Situation) -> Plan:
    """Pause what runs; if all that runs is paused, let it go on."""
    running = [job for job in now.jobs if _runs(job)]
    count = now.count if now.where is not None else max(1, now.states[State.RUNNING])
    if running and all(job.paused_at is not None for job in running):
        return Plan(
            verb="resumed",
            title=f"Resume {objects(now)}?",
            request=Resume(targets=now.targets),
            effects=(f"{count} paused: they go on",),
            confirm=count > 1,
            count=count,
            undo="keep still",
        )
    return Plan(
        verb="paused",
        title=f"Pause {objects(now)}?",
        request=Pause(targets=now.targets),
        effects=(
            f"{count} running: STOP to all of their processes; they keep what they hold",
            "their timeouts go on (`crabtui pause --clocks` stops them too)",
        ),
        confirm=count > 1 or now.where is not None,
        count=count,
        undo="let go on",
    )


def _runs(job: JobRow) -> bool:
    return job.state == State.RUNNING and job.kind != COMPOSITE
