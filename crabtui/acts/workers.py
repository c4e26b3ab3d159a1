"""What each act on workers would do, said before it is done: pure plans."""

from dataclasses import replace

from crabtui.acts.action import no_worker
from crabtui.acts.plan import Plan, WhyNot, why_not_act
from crabtui.acts.situation import Situation
from crabtui.data.wording import plural
from crabtui.data.workers.words import HALF_OPEN, REFUSED, is_here, is_reached, standing
from engine.control.messages import ActOnWorker, SetWorker
from engine.control.views import WorkerView


def why_not_worker(now: Situation) -> str | None:
    """Why no worker may be changed now; None if one may."""
    return why_not_act(now) or (None if now.worker else "no worker here")


def _elsewhere(now: Situation) -> str | None:
    assert now.worker is not None
    return "this machine needs no link" if is_here(now.worker) else None


def _on_worker(objection: WhyNot) -> WhyNot:
    def reason(now: Situation) -> str | None:
        return why_not_worker(now) or objection(now)

    return reason


def why_not_shell(now: Situation) -> str | None:
    """Why no shell may be opened there; offline it may, as no daemon is asked."""
    return no_worker(now) or why_not_act(replace(now, link=""))


def why_not_reconnect(now: Situation) -> str | None:
    """Why R does nothing here; offline it tries the console's own connection."""
    return None if now.link else _on_worker(_elsewhere)(now)


def _quarantined(now: Situation) -> str | None:
    assert now.worker is not None
    return "it is quarantined already" if now.worker.quarantined else None


def _not_quarantined(now: Situation) -> str | None:
    assert now.worker is not None
    return None if now.worker.quarantined else "it is not quarantined"


def _closed(now: Situation) -> str | None:
    assert now.worker is not None
    return None if now.worker.breaker != "closed" else "its breaker is closed"


def _reached(now: Situation) -> str | None:
    assert now.worker is not None
    return "it is reached: only a silent host can be dead" if is_reached(now.worker) else None


def _not_ours(now: Situation) -> str | None:
    assert now.worker is not None
    if now.worker.origin == "config":
        return "it stands in the configuration: take it out there"
    return None


why_not_quarantine = _on_worker(_quarantined)
why_not_release = _on_worker(_not_quarantined)
why_not_reset = _on_worker(_closed)
why_not_declare_dead = _on_worker(_reached)
why_not_remove = _on_worker(_not_ours)


def plan_drain(worker: WorkerView, *, drain: bool, why: str = "") -> Plan:
    """Let a worker take no new jobs, or take them again."""
    taken = worker.slots_taken
    return Plan(
        verb="drains" if drain else "takes work again",
        title=f"{'Drain' if drain else 'Undrain'} worker {worker.name}?",
        request=SetWorker(name=worker.name, drain=drain, why=why),
        effects=(
            ("no new job starts there", f"{taken} running there: they go on to their end")
            if drain
            else ("jobs start there again",)
        ),
        confirm=drain,
        back=SetWorker(name=worker.name, drain=not drain),
    )


def plan_toggle_drain(now: Situation) -> Plan:
    """Drain the worker here, or let it take work again."""
    assert now.worker is not None
    return plan_drain(now.worker, drain=not now.worker.draining)


def plan_reconnect(now: Situation) -> Plan:
    """Break what is left of its link and connect anew."""
    worker = _here(now)
    effects = ["it is tried at once, and with a closed circuit breaker", _goes_on(worker)]
    if worker.link is not None and standing(worker) == REFUSED:
        effects.insert(0, f"it was refused: {worker.link.error[:300]}")
    return Plan(
        verb="reconnects",
        title=f"Reconnect worker {worker.name}?",
        request=ActOnWorker(name=worker.name, act="reconnect"),
        effects=tuple(effects),
        confirm=True,
    )


def plan_quarantine(now: Situation, why: str) -> Plan:
    """Keep a worker from all work until somebody releases it."""
    worker = _here(now)
    return Plan(
        verb="quarantined",
        title=f"Quarantine worker {worker.name}?",
        request=ActOnWorker(name=worker.name, act="quarantine", why=why),
        effects=quarantine_effects(worker),
        back=ActOnWorker(name=worker.name, act="release"),
    )


def quarantine_effects(worker: WorkerView) -> tuple[str, ...]:
    """What a quarantine means."""
    return ("no new job starts there until somebody releases it", _goes_on(worker))


def plan_release(now: Situation) -> Plan:
    """End a quarantine."""
    worker = _here(now)
    return Plan(
        verb="released",
        title=f"Release worker {worker.name} from quarantine?",
        request=ActOnWorker(name=worker.name, act="release"),
        effects=("jobs start there again", f"it was quarantined: {worker.quarantined}"),
        confirm=True,
        back=ActOnWorker(name=worker.name, act="quarantine", why=worker.quarantined),
    )


def plan_reset_breaker(now: Situation) -> Plan:
    """Close the circuit breaker of a worker."""
    worker = _here(now)
    trial = "it is on trial now" if standing(worker) == HALF_OPEN else "it is tried no more now"
    return Plan(
        verb="breaker closed",
        title=f"Close the circuit breaker of worker {worker.name}?",
        request=ActOnWorker(name=worker.name, act="reset"),
        effects=("jobs start there again as if nothing had failed", trial),
        confirm=True,
    )


def plan_probe(now: Situation) -> Plan:
    """Look at a worker's host now."""
    worker = _here(now)
    return Plan(
        verb="looked at",
        title=f"Probe worker {worker.name}?",
        request=ActOnWorker(name=worker.name, act="probe"),
        effects=("its host is asked now for load, memory, disk and devices",),
    )


def plan_remove(now: Situation) -> Plan:
    """Take a worker away."""
    worker = _here(now)
    return Plan(
        verb="removed",
        title=f"Remove worker {worker.name}?",
        request=ActOnWorker(name=worker.name, act="remove"),
        effects=remove_effects(worker),
    )


def remove_effects(worker: WorkerView) -> tuple[str, ...]:
    """What removing a worker means."""
    if worker.slots_taken:
        many = plural(worker.slots_taken, "job")
        return (f"{many} there: it is refused until nothing runs there (D drains it)",)
    return ("no job starts there again", "`crabtui workers add` brings it back")


def plan_declare_dead(now: Situation, why: str = "") -> Plan:
    """Say that a host will not come back: the operator's word is proof."""
    worker = _here(now)
    return Plan(
        verb="declared dead",
        title=f"Declare worker {worker.name} dead?",
        request=ActOnWorker(name=worker.name, act="declare_dead", why=why),
        effects=dead_effects(worker),
    )


def dead_effects(worker: WorkerView) -> tuple[str, ...]:
    """What it means to declare a worker dead."""
    return (
        f"{plural(len(worker.at_risk), 'attempt')} there: lost, and run again by their rules",
        "if one of them still runs, its work is done twice",
        "the host stays fenced off until it is seen again",
    )


def _goes_on(worker: WorkerView) -> str:
    return f"{plural(worker.slots_taken, 'job')} there: what runs goes on"


def _here(now: Situation) -> WorkerView:
    assert now.worker is not None
    return now.worker
