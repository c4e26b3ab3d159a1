"""Two jobs side by side: only where they differ."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crabtui.data import redaction
from crabtui.data.wording import duration, exit_text
from engine.control.views import JobDetail, JobView

NOTHING: Final = "-"
_GROUPS: Final = ("command", "folder", "env", "needs", "rules", "meta")
"""What may be of one and not of the other keeps beside its like."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same of both."""

    name: str
    left: str
    right: str


def differences(left: JobDetail, right: JobDetail) -> list[Difference]:
    """What was asked for, where, and what came of it, in that order; equal things left out."""
    ones, others = dict(_facts(left)), dict(_facts(right))
    both = [
        Difference(name, ones.get(name, NOTHING), others.get(name, NOTHING))
        for name in sorted({**ones, **others}, key=_place)
    ]
    return [each for each in both if each.left != each.right]


def _place(name: str) -> int:
    """Sorting is stable: within a group things keep the order in which they came."""
    group = name.partition(" ")[0]
    return _GROUPS.index(group) if group in _GROUPS else len(_GROUPS)


def _facts(detail: JobDetail) -> Iterator[tuple[str, str]]:
    job = detail.job
    yield from _command(job)
    yield from _pairs("env", job.payload.get("env"))
    yield from _pairs("needs", job.resources)
    yield from _pairs("rules", job.constraints)
    yield from _pairs("meta", job.metadata)
    yield "queue", job.queue
    yield "priority", job.priority
    yield "owner", job.owner
    yield "tags", ", ".join(job.tags) or NOTHING
    yield from _ending(detail)


def _command(job: JobView) -> Iterator[tuple[str, str]]:
    """Word by word, so that one other flag is one line."""
    argv = job.payload.get("argv")
    if isinstance(argv, list | tuple):
        for place, word in enumerate(redaction.words([str(each) for each in argv])):
            yield f"command {place}", word
    elif job.payload.get("shell"):
        yield "command", redaction.line(str(job.payload["shell"]))
    if job.payload.get("cwd"):
        yield "folder", str(job.payload["cwd"])


def _pairs(kind: str, values: Any) -> Iterator[tuple[str, str]]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            if value not in (None, [], {}):
                yield f"{kind} {key}", _shown(kind, str(key), value)


def _shown(kind: str, key: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return redaction.value(key, text) if kind in ("env", "meta") else text


def _ending(detail: JobDetail) -> Iterator[tuple[str, str]]:
    job = detail.job
    yield "state", job.state
    yield "worker", job.worker_id or NOTHING
    yield "attempts", str(job.attempt)
    yield "exit", exit_text(job.exit_code, job.signal) or NOTHING
    yield "error", str((job.error or {}).get("message", NOTHING))
    if job.started_at is not None and job.completed_at is not None:
        yield "ran", duration(job.completed_at - job.started_at)
    last = detail.attempts[-1] if detail.attempts else None
    if last is not None and last.peak_memory_mb is not None:
        yield "memory", f"{last.peak_memory_mb} MB"
    if last is not None and last.revision:
        yield "commit", last.revision[:12]
