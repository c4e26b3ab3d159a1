"""A job in names and values: what it is, what it asked for, how it stands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crabtui.data import redaction
from crabtui.data.glyphs import Token, state_glyph
from crabtui.data.job.timeline_bars import left
from crabtui.data.job.usage_lines import memory_text, usage_lines
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import Zone, duration, exit_text, full_time, moment, plural
from crabtui.views.jobs.rows import command, row_of_detail
from crabtui.widgets.panes.facts_pane import Fact
from engine.control.views import JobDetail, JobRow, JobView
from engine.model.spec import Kind
from engine.model.states import State

_EDGES = frozenset({"depends_on", "depends_otherwise"})
"""Rules that are told by what it is after."""


def glance(detail: JobDetail, now_at: int, zone: Zone) -> list[Fact]:
    """How it stands in a few lines, for the preview."""
    job = detail.job
    is_one = job.kind != Kind.COMPOSITE
    rank = f"{job.queue}   {job.priority}" + (f"   attempt {_attempt(job)}" if is_one else "")
    facts: list[Fact] = [
        ("state", state(job, now_at), state_glyph(row_of_detail(detail)).token)
    ]
    facts.append(("queue", rank, "text"))
    facts += [(name, text, "text") for name, text in _when(detail, now_at, zone) if text]
    if job.held_by is not None:
        facts.append(("held", " ".join(("by", job.held_by, job.held_why)), "block"))
    if job.cancel_by:
        facts.append(("canceled", " ".join(("by", job.cancel_by, job.cancel_why)), "warn"))
    facts += outcome(job)
    if is_one:
        facts.append(("command", command(job.payload)[:300], "muted"))
    return facts


def _when(detail: JobDetail, now_at: int, zone: Zone) -> Iterator[tuple[str, str]]:
    job = detail.job
    yield "created", f"{moment(job.created_at, now_at, zone)} by {job.owner}"
    if job.started_at is not None:
        waited = duration(job.started_at - (job.queued_at or job.created_at))
        yield "started", f"{moment(job.started_at, now_at, zone)}, waited {waited}"
    if job.completed_at is not None:
        yield "ended", moment(job.completed_at, now_at, zone)
    yield "worker", job.worker_id or ""
    yield "eta", _expected(detail, now_at, zone)
    yield "usual", _usual(detail)
    last = detail.attempts[-1] if detail.attempts else None
    if last is not None and last.peak_memory_mb is not None:
        yield "memory", f"{memory_text(last.peak_memory_mb)} at most"
    yield "key", job.key or ""
    yield "needs", _kin(detail.depends_on, len(detail.depends_on))
    yield "before", _kin(detail.followers, max(detail.dependents, len(detail.followers)))


def _expected(detail: JobDetail, now_at: int, zone: Zone) -> str:
    """`~14:16:02, ~4m10s left`, while it runs and something is known of its like."""
    job, usual = detail.job, detail.usual
    if job.state != State.RUNNING or usual is None or job.started_at is None:
        return ""
    ends_at = job.started_at + usual.p50_ms * 1000
    at = f"~{moment(ends_at, now_at, zone)}, " if ends_at > now_at else ""
    return f"{at}{left(now_at, ends_at)}"


def _usual(detail: JobDetail) -> str:
    """`p50 19m02s, p90 31m10s of 20 runs`."""
    usual = detail.usual
    if usual is None or detail.job.completed_at is not None:
        return ""
    p50, p90 = duration(usual.p50_ms * 1000), duration(usual.p90_ms * 1000)
    return f"p50 {p50}, p90 {p90} of {plural(usual.runs, 'run')}"


def _kin(rows: Sequence[JobRow], total: int) -> str:
    """`#12 ✓  #13 ●  +3`."""
    shown = [f"#{row.id} {state_glyph(row).sign}" for row in rows[:4]]
    more = [f"+{total - len(shown)}"] if total > len(shown) else []
    return "  ".join((*shown, *more))


def outcome(job: JobView) -> list[Fact]:
    """How it ended or what stands in its way, if there is anything to say."""
    bad: Token = "bad" if job.state in ("failed", "timeout") else "muted"
    end = exit_text(job.exit_code, job.signal)
    facts: list[Fact] = [("exit", end, bad)] if end else []
    error = str(job.error.get("message", job.error)) if job.error else ""
    if error:
        facts.append(("error", error, bad))
    if job.note and job.note != error:
        facts.append(("note", job.note, "muted"))
    return facts


def request(detail: JobDetail, zone: Zone) -> list[Fact]:
    """What was asked for: command, place, needs, rules, labels."""
    job = detail.job
    payload = dict(job.payload)
    facts: list[Fact] = [("command", command(payload), "text")]
    facts += [
        (key, _plain(payload[key]), "text") for key in ("cwd", "stdin") if payload.get(key)
    ]
    env = payload.get("env")
    if isinstance(env, Mapping) and env:
        facts += [
            ("env", f"{key}={redaction.value(key, value)}", "text")
            for key, value in env.items()
        ]
    facts.append(("needs", _pairs(job.resources), "text"))
    rules = {key: job.constraints[key] for key in job.constraints if key not in _EDGES}
    if rules:
        facts.append(("rules", _pairs(rules), "text"))
    facts += [
        (name, value, "text")
        for name, value in (
            ("tags", ", ".join(job.tags)),
            ("key", job.key or ""),
            ("about", job.description),
            ("after", ", ".join(f"#{row.id} {row.state}" for row in detail.depends_on)),
            ("parent", f"#{job.parent_id}" if job.parent_id else ""),
            ("meta", _pairs(redaction.tree(job.metadata))),
        )
        if value
    ]
    facts.append(("owner", f"{job.owner}   tenant {job.tenant_id}/{job.namespace}", "text"))
    facts.append(("created", full_time(job.created_at, zone), "text"))
    facts.append(("trace", job.trace_id, "muted"))
    return facts


def use(detail: JobDetail) -> list[Fact]:
    """What its newest attempt used, and how it went; nothing if it was not measured."""
    if detail.usage is None:
        return []
    return [(name, text, "text") for name, text in usage_lines(detail.usage)]


def heads(detail: JobDetail, now_at: int) -> list[str]:
    """`RUNNING 1m12s`, `~18m left`, `attempt 2/5`, `high`, `gpu`, `on gpu-07`."""
    job = detail.job
    started_at = job.started_at if job.state == State.RUNNING else None
    usual = detail.usual
    ends_at = started_at + usual.p50_ms * 1000 if started_at and usual else None
    worker = f"on {job.worker_id}" if job.worker_id else ""
    rest = (left(now_at, ends_at), f"attempt {_attempt(job)}", job.priority, job.queue, worker)
    return [state(job, now_at), *(sanitize(text) for text in rest if text)]


def state(job: JobView, now_at: int) -> str:
    """`RUNNING 1m12s`: the state and for how long."""
    return f"{job.state.upper()} {duration(now_at - job.state_at)}"


def _attempt(job: JobView) -> str:
    if job.attempt > job.max_attempts:  # those that made room or were lost cost none
        return f"{job.attempt}"
    return f"{job.attempt}/{job.max_attempts}"


def _pairs(values: Mapping[str, Any]) -> str:
    return "  ".join(
        f"{key}={_plain(value)}" for key, value in values.items() if value not in (None, [], {})
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
