"""The header's words: the link, the mode, the counters and the clock."""

from dataclasses import dataclass

from crabtui.data import pressure
from crabtui.data.glyphs import Token
from crabtui.data.wording import Zone, clock_zone, duration, fresh_age
from crabtui.link import Link, Stage
from crabtui.widgets.bars.header_bar import HeaderFacts
from engine.control.messages import Pulse
from engine.control.views import AttentionView


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Everything that the header is made from."""

    link: Link
    pulse: Pulse | None
    now_s: float
    now_at: int
    zone: Zone
    context: str
    read_only: bool
    armed_until_s: float | None
    frozen: bool
    past: str = ""
    """Which moment is looked at, in words; empty: now."""
    accent: Token = "text"
    """The colour of the name of its context."""
    pressure: str = "normal"
    """The mode of all queues' backlog together."""
    attention: AttentionView | None = None


def header(now: Moment) -> HeaderFacts:
    """The header's facts; counters of an old picture are left out rather than believed."""
    text, token = _link(now)
    states = now.pulse.by_state if now.pulse else {}
    known = now.pulse is not None and not now.link.is_stale(now.now_s)
    mode, mode_token = _mode(now)
    return HeaderFacts(
        context=now.context,
        accent=now.accent,
        link=text,
        link_token=token,
        mode=mode,
        mode_token=mode_token,
        running=states.get("running", 0) if known else None,
        queued=states.get("queued", 0) if known else None,
        pressure=pressure.short(now.pressure) if known and not now.past else "",
        pressure_token=pressure.token(now.pressure),
        retrying=states.get("retrying", 0) if known else None,
        **_vitals(now, known=known),
        clock=clock_zone(now.now_at, now.zone),
    )


def _is_well(now: Moment) -> bool:
    return now.link.stage is Stage.LIVE and not now.link.is_stale(now.now_s)


def _link(now: Moment) -> tuple[str, Token]:
    """The moment of the past in place of a link that is well."""
    if now.past and _is_well(now):
        return now.past, "block"
    return link_text(now.link, now.now_s)


def _vitals(now: Moment, *, known: bool) -> dict[str, int | None]:
    """What the engine counts for the header; of a moment of the past nothing is known."""
    if not known or now.attention is None or now.past:
        return {}
    vitals = now.attention.vitals
    return {
        "failed": vitals.failed_1h,
        "attention": now.attention.open,
        "slots": vitals.slots or None,
        "workers": vitals.workers or None,
        "workers_up": vitals.workers_up,
    }


def link_text(link: Link, now_s: float) -> tuple[str, Token]:
    """`● LIVE 0.3s`, or how long it has been offline and when the next try is."""
    age_s = link.age_s(now_s)
    match link.stage:
        case Stage.CONNECTING:
            return f"◌ connecting {fresh_age(now_s - link.since_s)}", "wait"
        case Stage.LIVE if age_s is not None and not link.is_stale(now_s):
            return f"● LIVE {fresh_age(age_s)}", "run"
        case Stage.LIVE:
            return f"! SILENT {fresh_age(age_s or 0.0)}", "warn"
    away = duration(int((now_s - link.since_s) * 1_000_000))
    return f"✗ OFFLINE {away}{_retry(link, now_s)}", "bad"


def _retry(link: Link, now_s: float) -> str:
    if link.retry_s is None:
        return ""
    left_s = max(0, round(link.retry_s - now_s))
    return f"  retry {link.tries} in {left_s}s"


def _mode(now: Moment) -> tuple[str, Token]:
    if now.past:
        return "" if _is_well(now) else now.past, "block"
    if now.frozen:
        return "FROZEN", "block"
    if now.armed_until_s is not None:
        left_s = max(0.0, now.armed_until_s - now.now_s)
        minutes = duration(int(left_s * 1_000_000)) if left_s < 60 else f"{round(left_s / 60)}m"
        return f"RW {minutes}", "warn"
    return ("RO", "block") if now.read_only else ("", "warn")
