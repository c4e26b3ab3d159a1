"""The life of a job as bars over time: waiting, each attempt, and the pauses between."""

from dataclasses import dataclass
from typing import Final

from crabtui.data.glyphs import Cell, Token
from crabtui.data.past.time_axis import Scale, ruler, times
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import SECOND, UTC_ZONE, Zone, duration, exit_text
from engine.control.views import AttemptView, JobDetail, JobView, UsualTimes
from engine.model.spec import Kind
from engine.model.states import FINAL, State

LABEL: Final = 13
TOOK: Final = 7
_ENDS: Final[dict[str, tuple[str, Token]]] = {
    "succeeded": ("✓", "ok"),
    "failed": ("✗", "bad"),
    "unspawned": ("✗", "bad"),
    "timeout": ("◷", "bad"),
    "canceled": ("‒", "muted"),
    "void": ("‒", "muted"),
    "lost": ("?", "warn"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the picture."""

    label: str
    start_at: int
    end_at: int
    fill: str
    token: Token
    end: str = ""
    end_token: Token = "muted"  # noqa: S105 - a colour's meaning
    remark: str = ""
    until_at: int | None = None
    """When it is expected to end, if that is yet to come."""


def bars(detail: JobDetail, now_at: int) -> list[Bar]:
    """Waiting, then every attempt with the pause before it, oldest first."""
    job = detail.job
    found = [_waiting(job, detail.attempts, now_at)]
    began_at = _began_at(job)
    if began_at is not None:
        found.append(_of_tasks(job, began_at, now_at))
    before: AttemptView | None = None
    for attempt in detail.attempts:
        if before is not None and before.completed_at is not None:
            found.append(_pause(before, _start(attempt), ""))
        found.append(_attempt(attempt, job, now_at, detail.usual))
        before = attempt
    if before is not None and before.completed_at is not None and job.state not in FINAL:
        found.append(_pause(before, now_at, _next_try(job, now_at)))
    return found


def lines(
    detail: JobDetail, width: int, now_at: int, zone: Zone = UTC_ZONE
) -> list[list[Cell]]:
    """The picture in `width` cells: times, ticks, and a line for each bar."""
    shown = bars(detail, now_at)
    start_at = min(bar.start_at for bar in shown)
    past_at = max(max(bar.end_at for bar in shown), start_at + SECOND)
    end_at = min(max(bar.until_at or past_at for bar in shown), past_at + past_at - start_at)
    most = 0 if width < 60 else 16 if width < 100 else 30
    remark = min(max(len(bar.remark) for bar in shown) + 2, most)
    cells = max(width - LABEL - TOOK - remark - 3, 10)
    scale = Scale(start_at, max(end_at, past_at), cells)
    axis = _axis(scale, zone, now_at if detail.job.state not in FINAL else None)
    return [*axis, *(_line(bar, scale, remark) for bar in shown)]


def _axis(scale: Scale, zone: Zone, now_at: int | None) -> list[list[Cell]]:
    pad = " " * (LABEL + 1)
    return [
        [(pad, "muted"), (times(scale, zone), "muted")],
        [(pad, "muted"), *ruler(scale, zone, now_at)],
    ]


def _line(bar: Bar, scale: Scale, remark: int) -> list[Cell]:
    first = min(scale.cell(bar.start_at), scale.cells - 1)
    length = max(scale.cell(bar.end_at) - first, 1)
    fill = bar.fill * (length - len(bar.end))
    taken = first + max(length, len(bar.end))
    rest = max(scale.cell(bar.until_at) - taken, 0) if bar.until_at is not None else 0
    after = " " * (scale.cells - taken - rest)
    label = bar.label if len(bar.label) <= LABEL else bar.label[: LABEL - 1] + "…"
    line: list[Cell] = [
        (f" {label:<{LABEL}}" + " " * first, "muted"),
        (fill, bar.token),
        (bar.end, bar.end_token),
        ("▒" * rest, "line"),
        (f"{after}{duration(bar.end_at - bar.start_at):>{TOOK}}", "text"),
    ]
    if remark and bar.remark:
        text = bar.remark if len(bar.remark) <= remark - 2 else f"{bar.remark[: remark - 3]}…"
        line.append((f"  {text}", "muted" if bar.end_token != "bad" else "bad"))  # noqa: S105
    return line


def _start(attempt: AttemptView) -> int:
    return attempt.started_at or attempt.intent_at


def _waiting(job: JobView, attempts: tuple[AttemptView, ...], now_at: int) -> Bar:
    ended_at = job.completed_at or now_at
    began_at = _start(attempts[0]) if attempts else _began_at(job)
    end_at = ended_at if began_at is None else began_at
    remark = "" if began_at is not None else sanitize(job.note)
    label = "pending" if job.state == State.PENDING else "queued"
    return Bar(label, job.created_at, max(end_at, job.created_at), "░", "wait", remark=remark)


def _began_at(job: JobView) -> int | None:
    """When the first of what is inside of it started."""
    return job.started_at if job.kind == Kind.COMPOSITE else None


def _of_tasks(job: JobView, start_at: int, now_at: int) -> Bar:
    """A run of a workflow, or a fan-out: it has no attempt, what is inside of it has."""
    end, token = _ENDS.get(job.state, ("►", "run"))
    fill: Token = "bad" if token == "bad" else "run"  # noqa: S105
    end_at = max(job.completed_at or now_at, start_at)
    return Bar("its jobs", start_at, end_at, "▇", fill, end, token, sanitize(job.note))


def _attempt(attempt: AttemptView, job: JobView, now_at: int, usual: UsualTimes | None) -> Bar:
    end, end_token = _ENDS.get(attempt.verdict or "", ("►", "run"))
    runs = attempt.completed_at is None
    if runs and attempt.phase == "unreachable":
        end, end_token = "?", "warn"
    start_at = _start(attempt)
    until_at = start_at + usual.p50_ms * 1000 if usual and runs else None
    return Bar(
        f"#{attempt.number} {sanitize(attempt.worker_id)}",
        start_at,
        max(attempt.completed_at or now_at, start_at),
        "▇",
        "run" if end_token != "bad" else "bad",  # noqa: S105
        end,
        end_token,
        _remark(attempt, job, now_at, until_at),
        until_at if until_at and until_at > now_at else None,
    )


def _remark(attempt: AttemptView, job: JobView, now_at: int, until_at: int | None) -> str:
    if attempt.completed_at is None:
        pid = "" if attempt.pid is None else f"pid {attempt.pid}"
        return sanitize(job.note) or left(now_at, until_at) or pid
    if was_displaced(attempt):
        return sanitize(str((attempt.error or {}).get("message", "displaced")))
    return exit_text(attempt.exit_code, attempt.signal) or attempt.verdict or ""


def left(now_at: int, until_at: int | None) -> str:
    """`~4m10s left`, `~30s over`: against the time that half of its like took."""
    if until_at is None:
        return ""
    if until_at > now_at:
        return f"~{duration(until_at - now_at)} left"
    return f"~{duration(now_at - until_at)} over"


def _pause(before: AttemptView, end_at: int, remark: str) -> Bar:
    """From the end of one attempt on: it backs off, or waits its turn if it only made room."""
    start_at = before.completed_at or end_at
    if was_displaced(before):
        return Bar("queued", start_at, max(end_at, start_at), "░", "wait", remark=remark)
    return Bar("backoff", start_at, max(end_at, start_at), "·", "warn", remark=remark)


def was_displaced(attempt: AttemptView) -> bool:
    """Whether it ended for no other reason than to make room for another job."""
    return (attempt.error or {}).get("code") == "displaced"


def _next_try(job: JobView, now_at: int) -> str:
    if job.wake_at is None or job.wake_at <= now_at:
        return sanitize(job.note)
    return f"again in {duration(job.wake_at - now_at)}"
