"""Admission: may these jobs come in, and as what?"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from engine.errors import InvalidSpec, NoBackend, NotAdmitted, QueueCritical, QueueFull
from engine.model.job import Progress, Shape
from engine.model.priority import Priority
from engine.model.resources import amount_text
from engine.model.rules import Mode, Rules
from engine.model.spec import JobSpec
from engine.model.states import State
from engine.model.worker import Worker
from engine.policy.entry.arrivals import ALL, Arrivals, Backed
from engine.policy.entry.backpressure import leaves_at, next_mode
from engine.policy.entry.quotas import RETRY_S, accounts, over_quota, quota_of, too_fast
from engine.policy.scheduling.placement import could_ever_hold, missing_backend, nearest_fit

LONGEST_S: Final = 3_600.0


def refusal(
    arrivals: Arrivals, backed: Backed, leaving: Arrivals | None = None
) -> NotAdmitted | None:
    """Why these jobs, all of them together, may not come in now; None: they may.

    Args:
        arrivals: They.
        backed: What waits already.
        leaving: Those of it whose place they take.
    """
    charged = accounts(arrivals.of)
    return no_room(arrivals, backed, leaving) or too_fast(
        charged, backed.buckets, backed.rules, backed.now_at
    )


def no_room(
    arrivals: Arrivals, backed: Backed, leaving: Arrivals | None = None
) -> NotAdmitted | None:
    """The same, however fast they come."""
    leaving = leaving or Arrivals()
    net = arrivals.beyond(leaving)
    return (
        over_quota(accounts(arrivals.of - leaving.of), backed.waiting, backed.rules)
        or too_deep(net, backed)
        or _first([_critical(queue, arrivals, leaving, backed) for queue in net])
    )


def too_deep(arriving: Mapping[str, int], backed: Backed) -> NotAdmitted | None:
    """Why so many jobs by queue (`ALL`: all together) find no room; None: they do."""
    return _first([_full(queue, number, backed) for queue, number in arriving.items()])


def _first(found: Sequence[NotAdmitted | None]) -> NotAdmitted | None:
    return next((no for no in found if no is not None), None)


def _full(queue: str, number: int, backed: Backed) -> NotAdmitted | None:
    """Why a queue, or all together, has no room for so many more; None: it has."""
    most = backed.pressures[queue].max_depth if queue in backed.pressures else None
    depth = backed.depths.get(queue, 0)
    if most is None or not number or depth + number <= most:
        return None
    details = {"queue": queue, "depth": depth, "max_depth": most, "count": number}
    if number > most:
        return QueueFull(
            f"{_named(queue)} may have {most:,} jobs waiting, never {number:,}: send them in "
            "smaller parts",
            details=details,
        )
    return QueueFull(
        f"{_named(queue)} is full: {depth:,} of {most:,} jobs wait, no room "
        f"for {number:,} more",
        retry_after_s=_drained_s(queue, depth + number - most, backed),
        details=details,
    )


def _critical(
    queue: str, arrivals: Arrivals, leaving: Arrivals, backed: Backed
) -> NotAdmitted | None:
    """Why jobs that are not critical may not come in; None: none is, or they may."""
    pressure = backed.pressures.get(queue)
    if pressure is None or pressure.max_depth is None:
        return None
    refused = sum(
        number
        for (name, priority), number in arrivals.queues.items()
        if queue in (ALL, name) and priority is not Priority.CRITICAL
    )
    refused -= leaving.by_queue().get(queue, 0)
    depth = backed.depths.get(queue, 0)
    mode = next_mode(backed.modes.get(queue, Mode.NORMAL), depth, pressure)
    if refused <= 0 or mode < Mode.CRITICAL:
        return None
    return QueueCritical(
        f"{_named(queue)} is in mode {mode.label}, {depth:,} of {pressure.max_depth:,} jobs "
        "wait: only jobs with priority critical come in",
        retry_after_s=_drained_s(queue, depth - leaves_at(Mode.CRITICAL, pressure), backed),
        details={"queue": queue, "depth": depth, "max_depth": pressure.max_depth},
    )


def _drained_s(queue: str, number: int, backed: Backed) -> float:
    """How long it takes until so many jobs wait no longer, if it goes on as it went."""
    per_min = backed.left_per_min.get(queue, 0)
    return min(max(1.0, number * 60 / per_min), LONGEST_S) if per_min else RETRY_S


def _named(queue: str) -> str:
    return f"queue {queue}" if queue else "the backlog of all queues"


def admit(spec: JobSpec, unmet: int, now_at: int) -> Progress:
    """The first columns of a job with this spec.

    Args:
        spec: Validated.
        unmet: How many of its dependencies have not succeeded yet.
        now_at: When it comes in.
    """
    starts_at = spec.constraints.not_before_at
    waits = unmet > 0 or (starts_at is not None and starts_at > now_at)
    return Progress(
        state=State.PENDING if waits else State.QUEUED,
        queue=spec.queue,
        priority=spec.priority,
        version=0,
        queued_at=None if waits else now_at,
        state_at=now_at,
        wake_at=starts_at if waits else None,
        unmet=unmet,
        held_by=spec.owner if spec.held else None,
        held_why="submitted on hold" if spec.held else "",
    )


def must_be_in_time(spec: JobSpec, now_at: int, where: str) -> None:
    """Let a job pass that is not past its deadline. Raises: InvalidSpec."""
    deadline_at = spec.constraints.deadline_at
    if deadline_at is not None and deadline_at <= now_at:
        raise InvalidSpec(
            f"{where}: its deadline is past already, so it would time out at once: "
            "give a later one, or none",
            field=f"{where}.deadline",
        )


def must_be_allowed(spec: JobSpec, rules: Rules, where: str) -> None:
    """Let a job pass that its tenant and namespace may run when they run nothing else.

    Raises:
        InvalidSpec: it asks for more than the whole quota; names that, and the way out.
    """
    asked = {"cpu_milli": spec.resources.cpu_milli, "gpu": spec.resources.gpu}
    for account in accounts({(spec.tenant, spec.namespace): 1}):
        quota = quota_of(account, rules)
        for name, most in (("cpu_milli", quota.cpu_milli), ("gpu", quota.gpu)):
            if most is not None and asked[name] > most:
                raise InvalidSpec(
                    f"{where}: asks {amount_text(name, asked[name])}; {account.text} may have "
                    f"at most {amount_text(name, most)} at once, so it would never run: "
                    "ask for less, or have the quota raised",
                    field=f"{where}.resources",
                    nearest=amount_text(name, most).split(" ")[0],
                )


def must_be_satisfiable(
    shape: Shape, workers: Collection[Worker], where: str, rules: Rules
) -> None:
    """Let a job pass that some worker could hold if it were empty.

    Raises:
        NoBackend: for its backends alone, or because none supports such work.
        InvalidSpec: none ever could; names the nearest fit.
    """
    if not could_ever_hold(shape, workers, rules):
        if lacks := missing_backend(shape, workers):
            field = f"{where}.constraints.required_backends"
            raise NoBackend(f"{where}: {lacks} (NO_BACKEND)", field=field)
        closest = nearest_fit(shape, workers, rules)
        raise InvalidSpec(f"{where}: {closest}", field=f"{where}.resources")
