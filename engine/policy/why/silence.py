"""A job whose host is silent: since when, what was known last, and what will happen."""

from engine.model.limits import Partition, Restart
from engine.model.reasons import Gate, GateKind, Remedy
from engine.model.snapshot import Holder, Snapshot
from engine.model.states import State
from engine.policy.readiness import Case
from engine.policy.why import remedies
from engine.policy.why.conditions import NOT_LINKED, seconds


def silent_gate(case: Case) -> Gate:
    """The gate of a job that has an attempt out of sight; closed."""
    job, snapshot = case.job, case.snapshot
    now, now_at = job.now, snapshot.now_at
    since_at = now.unreachable_at or now_at
    holder = next((one for one in snapshot.holders if one.job == job.id), None)
    evidence_at = holder.evidence_at if holder else None
    gives_up_at = holder.gives_up_at if holder else None
    since = f"since {seconds(now_at - since_at)}, its last proof of life"
    link = snapshot.links.get(now.worker or "")
    taken = "; another daemon has its spool" if link is not None and link.spool_taken else ""
    where = f"`{now.worker}` is silent {since}{taken}"
    return remedies.shut(
        GateKind.STATE,
        f"{_known(case, holder)}; {where}; {_next(case, gives_up_at)}",
        facts={
            "state": now.state.value,
            "worker": now.worker,
            "unreachable_at": since_at,
            "evidence_at": evidence_at,
            "gives_up_at": gives_up_at,
        },
        next_change_at=gives_up_at,
        remedy=_reconnect(now.worker, snapshot),
        look=remedies.WORKERS,
    )


def _known(case: Case, holder: Holder | None) -> str:
    if case.job.now.state is State.RUNNING:
        return "it was running when it was last seen"
    attempt = holder.attempt if holder else case.job.now.attempt
    return f"whether attempt {attempt} of it has started is not known"


def _next(case: Case, gives_up_at: int | None) -> str:
    spec, now = case.job.spec, case.job.now
    if gives_up_at is None and now.stopping:
        return "it is told to end as soon as its host answers"
    if gives_up_at is None:
        is_open = spec.on_partition is Partition.REPLACE and now.state is not State.RUNNING
        why = "its start was not confirmed" if is_open else "on_partition: keep"
        return f"it waits for its host for as long as that takes ({why})"
    then = "it runs elsewhere" if spec.restart is Restart.SAFE else "it is lost"
    then = "it is canceled" if now.cancel_by else then
    left_us = gives_up_at - case.snapshot.now_at
    if left_us < 1_000_000:
        return f"its host has certainly ended it by itself by now, and {then}"
    return f"in {seconds(left_us)} its host has certainly ended it by itself, and {then}"


def _reconnect(worker: str | None, snapshot: Snapshot) -> Remedy | None:
    link = snapshot.links.get(worker or "")
    if worker is None or link is None or link.state not in NOT_LINKED or link.spool_taken:
        return None
    return remedies.reconnect(worker)
