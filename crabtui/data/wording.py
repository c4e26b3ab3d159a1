"""Ages, counts, clock times and states as people read them here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from signal import Signals
from typing import Final

from engine.control.views import JobRow
from engine.model.states import FINAL, State

SECOND: Final = 1_000_000
"""In microseconds, the unit of every `_at`."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone as the header shows it: `Z`, or a name and its offset from UTC."""

    name: str = "Z"
    offset_s: int = 0


UTC_ZONE: Final = Zone()


def duration(microseconds: int) -> str:
    """`4s`, `1m02s`, `2h01m` or `3d`: six cells at most; negative counts as none."""
    seconds = max(microseconds, 0) // SECOND
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3_600:
        return f"{seconds // 60}m{seconds % 60:02}s"
    if seconds < 86_400:
        return f"{seconds // 3_600}h{seconds % 3_600 // 60:02}m"
    return f"{min(seconds // 86_400, 99_999)}d"


def age(since_at: int | None, now_at: int) -> str:
    """How long ago that was; `-` if it has not happened."""
    return "-" if since_at is None else duration(now_at - since_at)


def fresh_age(seconds: float) -> str:
    """The age of a picture: tenths below ten seconds."""
    return f"{max(seconds, 0.0):.1f}s" if seconds < 10 else duration(int(seconds * SECOND))


def count(number: int, *, exact: bool = True) -> str:
    """`1,204`; `100,000+` if there are at least that many."""
    return f"{number:,}" if exact else f"{number:,}+"


def plural(number: int, noun: str) -> str:
    """`1 job`, `1,204 jobs`."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def clock(at: int, zone: Zone = UTC_ZONE) -> str:
    """Time of day, without its zone: `14:02:11`."""
    return _local(at, zone).strftime("%H:%M:%S")


def clock_ms(at: int, zone: Zone = UTC_ZONE) -> str:
    """Time of day to the millisecond: `14:02:11.004`."""
    return f"{clock(at, zone)}.{at // 1000 % 1000:03}"


def clock_zone(at: int, zone: Zone = UTC_ZONE) -> str:
    """Time of day with its zone: `14:02:11Z`, `14:02:11 CEST`."""
    gap = "" if zone.name == "Z" else " "
    return f"{clock(at, zone)}{gap}{zone.name}"


def same_day(at: int, other_at: int, zone: Zone = UTC_ZONE) -> bool:
    """Whether two instants are of one day there."""
    return _local(at, zone).date() == _local(other_at, zone).date()


def moment(at: int, now_at: int, zone: Zone = UTC_ZONE) -> str:
    """Time of day, or the date in eight cells if that was another day."""
    then, now = _local(at, zone), _local(now_at, zone)
    if then.date() == now.date():
        return then.strftime("%H:%M:%S")
    return then.strftime("%d %b") if then.year == now.year else then.strftime("%y-%m-%d")


def full_time(at: int, zone: Zone = UTC_ZONE) -> str:
    """Date and time of day with the zone."""
    return f"{_local(at, zone):%Y-%m-%d} {clock_zone(at, zone)}"


def signal_name(number: int) -> str:
    """`SIGKILL`; `signal 99` for one that has no name here."""
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def exit_text(exit_code: int | None, signal: int | None) -> str:
    """How a process ended: `exit 137`, `SIGKILL`; empty if nothing is known."""
    if signal is not None:
        return signal_name(signal)
    return "" if exit_code is None else f"exit {exit_code}"


def note_for(row: JobRow, now_at: int) -> str:
    """The most telling thing about a job: what stands in its way, or how it ended."""
    if row.members:
        trouble = "" if row.state in FINAL else _trouble(row, now_at)
        return ", ".join(filter(None, (trouble, progress(row.members))))
    if row.state in FINAL:
        return _ending(row)
    return _trouble(row, now_at) or _waiting(row, now_at)


def progress(members: Mapping[str, int]) -> str:
    """How far an array is: `12/40`, `12/40, 3 failed`."""
    ended = sum(number for state, number in members.items() if state in FINAL)
    failed = sum(members.get(state, 0) for state in (State.FAILED, State.TIMEOUT))
    text = f"{ended}/{sum(members.values())}"
    return f"{text}, {failed} failed" if failed else text


def state_text(row: JobRow, now_at: int) -> str:
    """The state in words with what qualifies it: `running, unreachable 41s`."""
    words: list[str] = [row.state]
    if row.unreachable_at is not None:
        words.append(f"unreachable {age(row.unreachable_at, now_at)}")
    if row.paused_at is not None:
        words.append(f"paused {age(row.paused_at, now_at)} by {row.paused_by or 'its host'}")
    if row.needs_operator:
        words.append("needs a decision")
    if row.stopping:
        words.append("stopping")
    if row.cancel_at is not None:
        words.append(_canceling(row.cancel_at - now_at))
    if row.held_by is not None:
        words.append(f"held by {row.held_by}" if row.held_by else "held")
    return ", ".join(words)


def time_in_state(row: JobRow, now_at: int) -> str:
    """How long it has been in its state, or how long it ran once it has ended."""
    if row.state not in FINAL:
        return age(row.state_at or row.created_at, now_at)
    if row.started_at is None or row.completed_at is None:
        return "-"
    return duration(row.completed_at - row.started_at)


def waited(row: JobRow, now_at: int) -> str:
    """How long it waited to start, so far or in all."""
    end_at = row.started_at or row.completed_at or now_at
    return duration(end_at - (row.queued_at or row.created_at))


def _canceling(left: int) -> str:
    return f"cancels in {duration(left)}" if left > 0 else "canceling"


def _ending(row: JobRow) -> str:
    if row.note or row.state == State.SUCCEEDED:
        return row.note
    return exit_text(row.exit_code, row.signal) or row.error_code or ""


def _trouble(row: JobRow, now_at: int) -> str:
    if row.cancel_at is not None:
        return _canceling(row.cancel_at - now_at)
    if row.needs_operator:
        return "needs you"
    if row.unreachable_at is not None:
        stop = "stopping, " if row.stopping else ""
        return f"{stop}no contact {age(row.unreachable_at, now_at)}"
    if row.stopping:
        return "stopping"
    if row.paused_at is not None:
        return f"paused {age(row.paused_at, now_at)}"
    if row.held_by is not None:
        return f"held by {row.held_by}" if row.held_by else "held"
    return ""


def _waiting(row: JobRow, now_at: int) -> str:
    if row.state == State.RUNNING:
        return row.note
    if row.unmet:
        return row.note or f"after {plural(row.unmet, 'job')}"
    if row.wake_at is not None and row.wake_at > now_at:
        return f"in {duration(row.wake_at - now_at)}"
    return row.note


def _local(at: int, zone: Zone) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at, seconds=zone.offset_s)
