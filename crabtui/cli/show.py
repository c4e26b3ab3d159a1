"""`crabtui show`: everything about one job."""

from typing import Final

import click

from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import read_id
from crabtui.cli.printing.moments import stamp
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import fields, table
from crabtui.cli.reaching.entry import enter
from crabtui.data.job.usage_lines import usage_lines
from crabtui.data.wording import age, duration, exit_text
from engine.control.messages import ReadResult, ShowJob
from engine.control.views import AttemptView, JobDetail, JobView, ResultView

LONGEST: Final = 200
"""Characters of a result."""


@click.command(cls=Verb)
@click.argument("job", metavar="ID")
@at_option
def show(job: str, at: str | None) -> int:
    """Show a job with its attempts and the jobs that it depends on."""
    number = read_id(job)
    with enter() as client:
        then = moment_of(client, at)
        detail = client.call(ShowJob(id=number, as_of=then.seq))
        if setting().as_json:
            say_json(detail)
            return 0
        found = client.call(ReadResult(id=number)) if _has_ended_well(detail, at) else None
    _say(detail, then.now, _result(found))
    return 0


def _has_ended_well(detail: JobDetail, at: str | None) -> bool:
    return at is None and detail.job.state == "succeeded"


def _result(found: ResultView | None) -> str:
    """What it came to, as JSON on one line, if it said anything."""
    if found is None or not found.has_result:
        return ""
    from msgspec import json

    text = json.encode(found.result).decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _say(detail: JobDetail, now: int, result: str) -> None:
    say(f"#{detail.job.id} {detail.job.name or _command(detail.job) or _call(detail.job)}")
    say_lines(fields([*_about(detail, now), ("result", result)]))
    if detail.usage is not None:
        say()
        say_lines(fields(usage_lines(detail.usage)))
    if detail.attempts:
        say()
        headings = ("ATTEMPT", "PHASE", "WORKER", "STARTED", "TOOK", "LIMITS", "END")
        say_lines(table(headings, [_attempt(each, now) for each in detail.attempts]))


def _about(detail: JobDetail, now: int) -> list[tuple[str, str]]:
    job = detail.job
    rules = job.constraints.items()
    return [
        ("state", f"{job.state} for {age(job.state_at, now)}"),
        ("contact", _contact(job, now)),
        ("note", job.note),
        ("queue", f"{job.queue}, {job.priority}"),
        ("array", _array(detail)),
        ("members", _members(detail)),
        ("params", _pairs(dict(job.params))),
        ("command", _command(job)),
        ("calls", _call(job)),
        ("cwd", str(job.payload.get("cwd") or "")),
        ("tags", " ".join(job.tags)),
        ("owner", f"{job.owner} ({job.tenant_id}/{job.namespace})"),
        ("needs", _pairs(job.resources)),
        ("after", ", ".join(f"#{row.id} {row.state}" for row in detail.depends_on)),
        ("rules", _pairs({name: _told(name, value) for name, value in rules})),
        ("submitted", stamp(job.created_at)),
        ("queued", stamp(job.queued_at)),
        ("started", stamp(job.started_at)),
        ("ended", stamp(job.completed_at)),
        ("wakes", stamp(job.wake_at)),
        ("took", _milliseconds(job.duration_ms)),
        ("worker", job.worker_id or ""),
        ("attempts", _attempts(job)),
        ("session", job.tmux),
        ("workspace", _workspace(detail)),
        ("gate", job.gate),
        ("frozen", job.frozen[:12]),
        ("outputs", ", ".join(str(one["path"]) for one in job.outputs)),
        ("caches", ", ".join(f"{one['name']} {one['path']}" for one in job.caches)),
        ("memo", _milliseconds(_number(job.memo.get("ttl_ms")))),
        ("exit", exit_text(job.exit_code, job.signal)),
        ("error", str((job.error or {}).get("message") or "")),
        ("held", _by(job.held_by, job.held_why)),
        ("paused", _paused(job)),
        ("canceled", _by(job.cancel_by, job.cancel_why)),
        ("key", job.key or ""),
        ("parent", f"#{job.parent_id}" if job.parent_id else ""),
    ]


def _contact(job: JobView, now: int) -> str:
    """Nothing, unless its host is out of reach."""
    if job.unreachable_at is None:
        return ""
    since = f"since {age(job.unreachable_at, now)}, its last proof of life"
    return f"none with {job.worker_id} {since}: whether it still runs is not known"


def _paused(job: JobView) -> str:
    if job.paused_at is None:
        return ""
    return f"by {job.paused_by} since {stamp(job.paused_at)}; it keeps what it holds"


def _attempts(job: JobView) -> str:
    if job.attempt > job.max_attempts:
        return f"{job.attempt} (to make room, or be lost, costs none) of {job.max_attempts}"
    return f"{job.attempt} of {job.max_attempts}"


def _workspace(detail: JobDetail) -> str:
    """What was asked for, and which commit that was the last time."""
    asked = detail.job.workspace
    if not asked:
        return ""
    name = "@".join(str(asked[part]) for part in ("repo", "revision") if part in asked)
    found = [each.revision for each in detail.attempts if each.revision]
    kept = f", kept: {asked['keep']}" if "keep" in asked else ""
    return f"{name}{f' ({found[-1]})' if found else ''}{kept}"


def _told(name: str, value: object) -> object:
    """A rule as people read it: instants as dates."""
    return stamp(value) if name.endswith("_at") and isinstance(value, int) else value


def _array(detail: JobDetail) -> str:
    job, array = detail.job, detail.array
    if job.array is not None:
        return f"#{job.array}, its job {job.array_index}"
    if array is None:
        return ""
    bounds = [f"#{array.first}–#{array.last}"]
    bounds += [f"{array.limit} at once"] if array.limit is not None else []
    bounds += [f"stops after {array.stop_after} failed"] if array.stop_after else []
    return ", ".join(bounds)


def _members(detail: JobDetail) -> str:
    counts = detail.members
    return ", ".join(f"{number:,} {state}" for state, number in counts.items() if number)


def _command(job: JobView) -> str:
    from engine.model.redaction import line, words
    from engine.model.secrets import HIDDEN

    argv = job.payload.get("argv")
    if isinstance(argv, list) and argv:
        import shlex

        shown = words([str(word) for word in argv])
        return " ".join(word if HIDDEN in word else shlex.quote(word) for word in shown)
    return line(str(job.payload.get("shell") or ""))


def _call(job: JobView) -> str:
    """What is called: a tool with its arguments, or a stage with its options."""
    from engine.model.calls import Call

    told = job.payload
    tool, stage = str(told.get("tool") or ""), str(told.get("stage_module") or "")
    given = told.get("args") if tool else told.get("stage_opts")
    args = given if isinstance(given, dict) else {}
    return Call(tool=tool, stage=stage, args=args).text if tool or stage else ""


def _pairs(values: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value)


def _by(who: str | None, why: str) -> str:
    return "" if who is None else f"by {who or 'somebody'}" + (f": {why}" if why else "")


def _milliseconds(took_ms: int | None) -> str:
    if took_ms is None:
        return ""
    return f"{took_ms} ms" if took_ms < 10_000 else duration(took_ms * 1000)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _attempt(each: AttemptView, now: int) -> tuple[str, ...]:
    live = each.started_at is not None and each.completed_at is None
    return (
        each.id,
        each.phase,
        each.worker_id,
        stamp(each.started_at),
        age(each.started_at, now) if live else _took(each),
        each.limits or "-",
        _end(each),
    )


def _took(each: AttemptView) -> str:
    """How long it ran; of one that was lost nobody saw the end, only that it is over."""
    took = _milliseconds(each.duration_ms)
    return f"at most {took}" if took and each.verdict == "lost" else took


def _end(each: AttemptView) -> str:
    error, verdict = each.error or {}, each.verdict or ""
    if error.get("code") == "displaced":
        return f"displaced: {error.get('message')}"
    why = exit_text(each.exit_code, each.signal) or str(error.get("message") or "")
    return f"{verdict}, {why}" if verdict and why else verdict
