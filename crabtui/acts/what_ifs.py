"""What could be done about a job that waits: few acts, each to be looked at before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crabtui.acts.plan import Plan
from crabtui.acts.undo import limit_as_was, weight_as_was
from engine.control.messages import SetPriority, SetQueue, SetWorker, Targets, WhatIf
from engine.control.views import Explanation, JobView, QueueView
from engine.model.priority import Priority, parse_priority
from engine.model.reasons import Gate, GateKind
from engine.model.states import FINAL, State

MOST_HOLDERS: Final = 2
"""Holders that may be canceled are offered one by one up to this many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One act that may help."""

    label: str
    ask: WhatIf
    plan: Plan
    """How it is asked for and taken back; what it requests is the token of its preview."""


def what_ifs(job: JobView, why: Explanation, queue: QueueView | None) -> tuple[Option, ...]:
    """Acts that bear on the gates that are closed, the likeliest to help first."""
    if job.state in FINAL or job.state == State.RUNNING:
        return ()
    closed = [gate for gate in why.gates if not gate.ok]
    return (
        *_free(job, closed),
        *_edited(job, closed),
        *_queue(closed, queue),
        *_workers(why, closed),
        *_raised(job),
        *_cancels(why, closed),
    )


def _free(job: JobView, closed: list[Gate]) -> Iterator[Option]:
    if any(gate.kind is GateKind.HOLD for gate in closed):
        yield _option(
            f"release #{job.id}",
            WhatIf(act="release", targets=Targets(ids=(job.id,))),
            verb="released",
            undo="hold",
        )


def _edited(job: JobView, closed: list[Gate]) -> Iterator[Option]:
    """What the job could ask for instead, where the engine knows something that fits."""
    for gate in closed:
        act = gate.act
        if act is None or act.act != "edit" or act.jobs != (job.id,):
            continue
        told = ", ".join(f"{key} = {to}" for key, to in act.changes.items())
        yield _option(
            f"edit #{job.id}: {told}",
            WhatIf(act="edit", targets=Targets(ids=act.jobs), changes=act.changes),
            verb=f"edited: {told}",
            effects=("u does not undo this",),
        )


def _queue(closed: list[Gate], queue: QueueView | None) -> Iterator[Option]:
    if queue is None:
        return
    kinds, name = {gate.kind for gate in closed}, queue.name
    if GateKind.QUEUE_PAUSED in kinds:
        again = SetQueue(name=name, pause=True, why=queue.paused_why)
        ask = WhatIf(act="resume", name=name)
        yield _option(f"resume queue {name}", ask, verb="resumed", back=again)
    if GateKind.QUEUE_LIMIT in kinds and queue.limit is not None:
        to = queue.limit + 1
        yield _option(
            f"limit of queue {name} {queue.limit} → {to}",
            WhatIf(act="limit", name=name, limit=to),
            verb=f"limited to {to}",
            back=limit_as_was(queue),
        )
    if {GateKind.LANE, GateKind.TURN} & kinds:
        to = queue.weight + 1
        yield _option(
            f"weight of queue {name} {queue.weight} → {to}",
            WhatIf(act="weight", name=name, limit=to),
            verb=f"weight {to}",
            back=weight_as_was(queue),
        )


def _workers(why: Explanation, closed: list[Gate]) -> Iterator[Option]:
    if not any(gate.kind in (GateKind.WORKER, GateKind.FIT) for gate in closed):
        return
    for short in why.short:
        if short.text == "draining":
            yield _option(
                f"let worker {short.worker} take work again",
                WhatIf(act="resume_worker", name=short.worker),
                verb="takes work again",
                back=SetWorker(name=short.worker, drain=True),
            )


def _raised(job: JobView) -> Iterator[Option]:
    level = parse_priority(job.priority)
    levels = {level.raised(1), Priority.CRITICAL} if level is not Priority.CRITICAL else set()
    for to in sorted(levels, key=lambda each: each.label, reverse=True):
        yield _option(
            f"priority {level.label} → {to.label}",
            WhatIf(act="priority", targets=Targets(ids=(job.id,)), to=to.label),
            verb=f"set to {to.label}",
            back=SetPriority(targets=Targets(ids=(job.id,)), to=level.label),
        )


def _cancels(why: Explanation, closed: list[Gate]) -> Iterator[Option]:
    names = {holder.id: holder.name for holder in why.holders}
    locks = (GateKind.STATE, GateKind.DEPENDENCIES)
    holders = [job for gate in closed if gate.kind not in locks for job in gate.holders]
    for job in list(dict.fromkeys(holders))[:MOST_HOLDERS]:
        yield _option(
            f"cancel #{job} {names.get(job, '')}".rstrip(),
            WhatIf(act="cancel", targets=Targets(ids=(job,))),
            verb="told to stop",
            effects=("running: TERM, then KILL; what runs cannot be had back",),
        )


def _option(
    label: str,
    ask: WhatIf,
    *,
    verb: str,
    undo: str = "",
    back: SetPriority | SetQueue | SetWorker | None = None,
    effects: tuple[str, ...] = (),
) -> Option:
    plan = Plan(
        verb=verb,
        title=f"{label[0].upper()}{label[1:]}?",
        request=ask,
        effects=effects,
        confirm=True,
        undo=undo,
        back=back,
    )
    return Option(label=label, ask=ask, plan=plan)
