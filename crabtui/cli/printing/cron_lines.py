"""What recurs, in the words of tables and lists."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crabtui.data.admin.cron_lines import next_text
from crabtui.data.wording import duration
from engine.control.views import CronDetail, CronView
from engine.model.filter.values import moment_text

HEADINGS: Final = ("NAME", "SPEC", "ZONE", "NEXT", "LAST", "STATE", "MISSED", "COMMAND")

_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


def row(cron: CronView, now_at: int) -> tuple[str, ...]:
    """One line of the list."""
    last = "" if cron.last_job is None else f"#{cron.last_job} {_ago(cron.last_at, now_at)}"
    return (
        cron.name,
        cron.spec,
        cron.zone,
        next_text(cron, now_at),
        last,
        cron.last_state or "",
        str(cron.missed_runs or ""),
        cron.command,
    )


def instants(found: Sequence[int], zone: str, now_at: int) -> list[str]:
    """`2026-11-22 02:00:00 +01:00 Europe/Berlin  in 5h`, one line each."""
    there = ZoneInfo(zone)
    lines = []
    for at in found:
        local = (_ORIGIN + timedelta(microseconds=at)).astimezone(there)
        text = local.isoformat(sep=" ", timespec="seconds")
        lines.append(f"{text} {zone}  in {duration(max(at - now_at, 0))}")
    return lines


def facts(detail: CronDetail) -> list[tuple[str, str]]:
    """Names and values of everything about one."""
    cron, now_at = detail.cron, detail.now_at
    missed = f"{cron.missed_runs} since {_when(cron.missed_at)}" if cron.missed_runs else ""
    return [
        ("name", cron.name),
        ("schedule", f"{cron.spec} ({cron.zone})"),
        ("next", next_text(cron, now_at)),
        ("submits", f"{cron.work}: {cron.command}"),
        ("user", cron.user),
        ("if missed", cron.missed),
        ("if it overlaps", cron.overlap),
        ("jitter", duration(cron.jitter_ms * 1000) if cron.jitter_ms else ""),
        ("start", _when(cron.start_at)),
        ("end", _when(cron.end_at)),
        ("last run", "" if cron.last_job is None else f"#{cron.last_job} {cron.last_state}"),
        ("last due", _when(cron.last_at)),
        ("runs", str(cron.fired)),
        ("missed", missed),
        ("left out", str(cron.skipped or "")),
        ("waiting", str(cron.owed or "")),
        ("trouble", cron.trouble),
        *(("then" if n else "due", line) for n, line in _upcoming(detail)),
    ]


def _upcoming(detail: CronDetail) -> list[tuple[int, str]]:
    return list(enumerate(instants(detail.next, detail.cron.zone, detail.now_at)))


def _when(at: int | None) -> str:
    return "" if at is None else moment_text(at)


def _ago(at: int | None, now_at: int) -> str:
    return "" if at is None else f"{duration(max(now_at - at, 0))} ago"
