"""What each act on recurring work would do, said before it is done: pure plans."""

from crabtui.acts.plan import Plan, why_not_act
from crabtui.acts.situation import Situation
from engine.control.messages import ActOnCron


def why_not_cron(now: Situation) -> str | None:
    """Why no schedule may be changed now; None if one may."""
    return why_not_act(now) or (None if now.cron else "no schedule here")


def plan_pause(now: Situation) -> Plan:
    """Pause the schedule, or let it go on."""
    cron = now.cron
    assert cron is not None
    act, back = ("resume", "pause") if cron.paused_by is not None else ("pause", "resume")
    return Plan(
        verb=f"{act}d",
        title=f"{act.capitalize()} cron {cron.name}?",
        request=ActOnCron(name=cron.name, act="pause" if act == "pause" else "resume"),
        effects=("no run of it starts; none counts as missed",) if act == "pause" else (),
        back=ActOnCron(name=cron.name, act="pause" if back == "pause" else "resume"),
    )


def plan_run(now: Situation) -> Plan:
    """Submit a run now, whatever runs of it there are."""
    cron = now.cron
    assert cron is not None
    running = tuple(f"#{job} of it has not ended" for job in cron.live[:3])
    return Plan(
        verb="run now",
        title=f"Run cron {cron.name} now?",
        request=ActOnCron(name=cron.name, act="run"),
        effects=(cron.command, *running),
        confirm=True,
    )
