"""What would open a gate: one act, and the command for it as a person can type it."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.reasons import Gate, GateKind, Remedy

MOST_AWAITED: Final = 64
"""A remedy names no more jobs than this; where it takes more, it names none."""


def shut(
    kind: GateKind,
    text: str,
    *,
    facts: Mapping[str, object] | None = None,
    holders: tuple[int, ...] = (),
    next_change_at: int | None = None,
    remedy: Remedy | None = None,
    look: str = "",
) -> Gate:
    """A closed gate, with what would open it; `look` if nothing that can be typed would."""
    return Gate(
        kind=kind,
        ok=False,
        text=text,
        facts=dict(facts or {}),
        holders=holders,
        next_change_at=next_change_at,
        remedy=command(remedy) if remedy else look,
        act=remedy,
    )


def release(job: Job) -> Remedy:
    """Take it off hold."""
    return Remedy(act="release", jobs=(job.id,))


def resume_job(job: Job) -> Remedy:
    """Let a paused job go on."""
    return Remedy(act="resume_job", jobs=(job.id,))


def uncancel(job: Job) -> Remedy:
    """Withdraw a cancel that is in its grace."""
    return Remedy(act="uncancel", jobs=(job.id,))


def again(*jobs: Job) -> Remedy:
    """Run them now, or once more."""
    return Remedy(act="retry", jobs=tuple(job.id for job in jobs))


def wait_for(jobs: Sequence[int]) -> Remedy | None:
    """Let these end; None if there are none, or more than anybody would read."""
    found = tuple(sorted({*jobs}))
    return Remedy(act="wait", jobs=found) if 0 < len(found) <= MOST_AWAITED else None


def resume(queue: str) -> Remedy:
    """Let a paused queue go on."""
    return Remedy(act="resume", name=queue)


def widen(queue: str, limit: int) -> Remedy:
    """Let more of a queue's jobs run at once."""
    return Remedy(act="limit", name=queue, limit=limit)


def widen_array(array: JobId, limit: int) -> Remedy:
    """Let more members of an array run at once."""
    return Remedy(act="array_limit", jobs=(array,), limit=limit)


def widen_group(job: Job, limit: int) -> Remedy:
    """Let it run beside more of its group."""
    return Remedy(act="edit", jobs=(job.id,), changes={"group_limit": limit})


def raise_to(job: Job, priority: Priority) -> Remedy:
    """Let it wait in a lane where nobody is before it."""
    return Remedy(act="priority", jobs=(job.id,), to=priority.label)


def give_up(job: Job, *fields: str, less: Mapping[str, int] | None = None) -> Remedy:
    """Take what its spec says in these fields back to the default, and ask for less.

    Args:
        job: One that has not started.
        fields: As `crabtui edit --clear` takes them.
        less: New amounts, by dimension; none of them 0.
    """
    changes: dict[str, Any] = dict.fromkeys(fields)
    custom: dict[str, int] = {}
    for name, amount in (less or {}).items():
        match name:
            case "cpu_milli":
                changes["cpus"] = f"{amount}m" if amount % 10 else f"{amount // 10 / 100:g}"
            case "memory_mb" | "storage_mb":
                changes[name.removesuffix("_mb")] = str(amount)
            case "gpu":
                changes["gpus"] = amount
            case _:
                custom[name] = amount
    if custom:
        changes["resources"] = {"custom": custom}
    return Remedy(act="edit", jobs=(job.id,), changes=changes)


def reopen(worker: str) -> Remedy:
    """Let a draining worker take work again."""
    return Remedy(act="resume_worker", name=worker)


def reset(worker: str) -> Remedy:
    """Try a worker again at once, whatever it failed."""
    return Remedy(act="reset_worker", name=worker)


def unquarantine(worker: str) -> Remedy:
    """Trust a worker again that was kept from all work."""
    return Remedy(act="release_worker", name=worker)


def reconnect(worker: str) -> Remedy:
    """Try to reach its host now."""
    return Remedy(act="reconnect_worker", name=worker)


WORKERS: Final = "crabtui workers"
"""See what the workers have."""

TENANTS: Final = "crabtui tenants"
"""See what tenants have against their quotas."""

DOCTOR: Final = "crabtui doctor"
"""Look for what is wrong with the place and the daemon."""


def command(remedy: Remedy) -> str:
    """The line that does it."""
    return f"crabtui {_COMMANDS[remedy.act](remedy)}"


_COMMANDS: Final[Mapping[str, Callable[[Remedy], str]]] = {
    "release": lambda it: f"release {_ids(it)}",
    "resume_job": lambda it: f"resume {_ids(it)}",
    "uncancel": lambda it: f"cancel {_ids(it)} --withdraw",
    "retry": lambda it: f"retry {_ids(it)}",
    "wait": lambda it: f"wait {_ids(it)}",
    "resume": lambda it: f"queues resume {shlex.quote(it.name)}",
    "limit": lambda it: f"queues limit {shlex.quote(it.name)} {it.limit}",
    "array_limit": lambda it: f"array {_ids(it)} --limit {it.limit}",
    "priority": lambda it: f"priority {it.to} {_ids(it)}",
    "edit": lambda it: f"edit {_ids(it)} {' '.join(_flags(it.changes))}",
    "resume_worker": lambda it: f"workers resume {shlex.quote(it.name)}",
    "reset_worker": lambda it: f"workers reset {shlex.quote(it.name)}",
    "release_worker": lambda it: f"workers release {shlex.quote(it.name)}",
    "reconnect_worker": lambda it: f"workers reconnect {shlex.quote(it.name)}",
}


def _ids(remedy: Remedy) -> str:
    """`3 7-9`."""
    return " ".join(_spans(sorted(remedy.jobs)))


def _spans(ids: Iterable[int]) -> Iterator[str]:
    ordered = list(ids)
    breaks = [n for n, (one, other) in enumerate(pairwise(ordered), 1) if other != one + 1]
    for begin, end in pairwise([0, *breaks, len(ordered)]):
        first, last = ordered[begin], ordered[end - 1]
        yield str(first) if first == last else f"{first}-{last}"


def _flags(changes: Mapping[str, Any]) -> Iterator[str]:
    for key, value in changes.items():
        if value is None:
            yield f"--clear {key}"
        elif key == "resources":
            for name, amount in value["custom"].items():
                yield f"--need {shlex.quote(name)}={amount}"
        else:
            yield f"--{key.replace('_', '-')} {shlex.quote(str(value))}"
