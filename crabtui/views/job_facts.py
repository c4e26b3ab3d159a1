"""A job in names and values: what it is, what it asked for, how it stands."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from crabtui.data import redaction
from crabtui.data.glyphs import Token
from crabtui.data.sanitize import sanitize
from crabtui.data.timeline_bars import left
from crabtui.data.usage_lines import usage_lines
from crabtui.data.wording import Zone, duration, exit_text, full_time
from crabtui.widgets.facts_pane import Fact
from engine.control.views import JobDetail, JobView
from engine.model.states import State


def standing(job: JobView, zone: Zone) -> list[Fact]:
    """How it stands: when, where, and what came of it. For the preview."""
    times = (
        ("created", job.created_at),
        ("started", job.started_at),
        ("ended", job.completed_at),
    )
    facts: list[Fact] = [
        ("queue", f"{job.queue}   priority {job.priority}   attempt {_attempt(job)}", "text"),
    ]
    facts += [(name, full_time(at, zone), "text") for name, at in times if at is not None]
    if job.worker_id:
        facts.append(("worker", job.worker_id, "text"))
    if job.held_by is not None:
        facts.append(("held", " ".join(("by", job.held_by, job.held_why)), "block"))
    if job.cancel_by:
        facts.append(("canceled", " ".join(("by", job.cancel_by, job.cancel_why)), "warn"))
    return facts + outcome(job)


def outcome(job: JobView) -> list[Fact]:
    """How it ended or what stands in its way, if there is anything to say."""
    bad: Token = "bad" if job.state in ("failed", "timeout") else "muted"
    end = exit_text(job.exit_code, job.signal)
    facts: list[Fact] = [("exit", end, bad)] if end else []
    if job.error:
        facts.append(("error", str(job.error.get("message", job.error)), bad))
    if job.note:
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
    if job.constraints:
        facts.append(("rules", _pairs(job.constraints), "text"))
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


def command(payload: Mapping[str, Any]) -> str:
    """The command as one would type it."""
    if isinstance(argv := payload.get("argv"), list | tuple):
        return " ".join(map(_quoted, redaction.words([str(word) for word in argv])))
    return redaction.text(str(payload.get("shell", "-")))


def _quoted(word: str) -> str:
    """As a shell would need it; what stands for a secret is left as it is."""
    return word if redaction.SHORT in word else shlex.quote(word)


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
