"""How the engine itself is doing: groups of figures, each with what is too much of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from crabtui.data.fitting import cells, fit
from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import age, count, plural
from engine.control.views import EngineStats, Stats

ROUND_MS: Final = 100.0
"""A round of the scheduler that takes longer is late."""

COMMIT_MS: Final = 100.0
"""A commit that takes longer is felt by whoever waits for it."""

WAL_BYTES: Final = 16 * 2**20
"""Above this the log is cut."""

CHECKPOINT_S: Final = 3_600

SHAPES: Final = 4_096
"""Different demands that stay in memory."""

NAME: Final = 14
VALUE: Final = 22
BAR: Final = 12
TWO_COLUMNS: Final = 76
WITH_BARS: Final = NAME + VALUE + BAR + 6


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the engine."""

    name: str
    value: str
    part: float | None = None
    """How much of what is too much; None: nothing is."""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that belong together."""

    title: str
    figures: tuple[Figure, ...]


def groups(stats: Stats, now_at: int) -> tuple[Group, ...]:
    """All there is to know, in groups."""
    return (
        Group("Daemon", _daemon(stats, now_at)),
        Group("Scheduler", _scheduler(stats.engine)),
        Group("Store", _store(stats.engine, now_at)),
        Group("Process", _process(stats.engine)),
    )


def _daemon(stats: Stats, now_at: int) -> tuple[Figure, ...]:
    daemon = stats.daemon
    trouble = daemon.trouble or ("" if daemon.granting else "grants nothing now")
    return (
        Figure("state", trouble or "works normally", is_bad=bool(trouble)),
        Figure("version", f"{daemon.version}, epoch {daemon.epoch}"),
        Figure("process", f"{daemon.pid}, up {age(daemon.started_at, now_at)}"),
        Figure("folder", daemon.state_dir),
        Figure("events", count(stats.engine.seq)),
        Figure("clients", count(stats.engine.clients)),
    )


def _scheduler(engine: EngineStats) -> tuple[Figure, ...]:
    return (
        Figure("rounds", count(engine.rounds)),
        Figure("round p50", _ms(engine.round_ms_p50)),
        _timed("round p95", engine.round_ms_p95, ROUND_MS),
        Figure("live attempts", count(engine.live_attempts)),
        Figure("jobs in memory", f"{count(engine.resident_jobs)} in {_lanes(engine.lanes)}"),
        Figure("shapes", f"{count(engine.shapes)} of {SHAPES:,}", engine.shapes / SHAPES),
    )


def _store(engine: EngineStats, now_at: int) -> tuple[Figure, ...]:
    each = f", {engine.units / engine.commits:.1f} each" if engine.commits else ""
    waits, refused = engine.waiting_units, engine.lock_waits
    return (
        Figure("commits", count(engine.commits)),
        Figure("changes", f"{count(engine.units)}{each}"),
        Figure("commit p50", _ms(engine.commit_ms_p50)),
        _timed("commit p95", engine.commit_ms_p95, COMMIT_MS),
        Figure("waiting", plural(waits, "change")),
        Figure("refused", plural(refused, "commit"), is_bad=refused > 0),
        Figure(
            "WAL",
            f"{_mb(engine.wal_bytes)} of {_mb(WAL_BYTES)}",
            engine.wal_bytes / WAL_BYTES,
            engine.wal_bytes > 2 * WAL_BYTES,
        ),
        Figure("checkpoint", _checkpoint(engine.checkpoint_at, now_at)),
    )


def _process(engine: EngineStats) -> tuple[Figure, ...]:
    files, most = engine.descriptors, engine.descriptors_most
    part = files / most if most else None
    told = f"{count(files)} of {count(most)}" if most else count(files)
    return (
        Figure("memory", _mb(engine.rss_bytes)),
        Figure("open files", told, part, bool(part and part > 0.8)),
    )


def _timed(name: str, ms: float, budget: float) -> Figure:
    return Figure(name, f"{_ms(ms)} of {budget:.0f}", ms / budget, ms > budget)


def _lanes(number: int) -> str:
    return plural(number, "lane")


def _ms(ms: float) -> str:
    return f"{ms:.1f} ms" if ms < 1_000 else f"{ms / 1_000:.1f} s"


def _mb(number: int) -> str:
    return f"{number / 2**20:.1f} MiB"


def _checkpoint(at: int | None, now_at: int) -> str:
    return "not since the start" if at is None else f"{age(at, now_at)} ago"


def engine_lines(stats: Stats, now_at: int, width: int) -> list[list[Cell]]:
    """The groups below each other, or in two columns where there is room."""
    found = groups(stats, now_at)
    if width < TWO_COLUMNS:
        return [line for group in found for line in _group(group, width)]
    half = width // 2
    left = [line for group in found[:2] for line in _group(group, half)]
    right = [line for group in found[2:] for line in _group(group, half)]
    empty: list[Cell] = [(" " * half, "text")]
    return [[*a, *b] for a, b in zip_longest(left, right, fillvalue=empty)]


def _group(group: Group, width: int) -> list[list[Cell]]:
    title = f" {group.title}"
    rule = "─" * max(width - cells(title) - 3, 0)
    lines: list[list[Cell]] = [[(title, "text"), (f" {rule}  ", "line")]]
    lines += [_figure(figure, width) for figure in group.figures]
    return [*lines, [(" " * width, "text")]]


def _figure(figure: Figure, width: int) -> list[Cell]:
    token = _token(figure)
    name: Cell = (f"  {fit(figure.name, NAME)} ", "muted")
    value = sanitize(figure.value)
    room = max(width - NAME - 4, 0)
    if figure.part is None or width < WITH_BARS:
        return [name, (f"{fit(value, room)} ", token)]
    told: Cell = (f"{fit(value, VALUE)} ", token)
    rest: Cell = (" " * max(room - VALUE - BAR, 0), "text")
    return [name, told, *_meter(figure.part, token), rest]


def _meter(part: float, token: Token) -> Sequence[Cell]:
    colour: Token = "run" if token == "text" else token  # noqa: S105 - a colour
    return bar(round(min(part, 1.0) * 1_000), 1_000, BAR, colour)


def _token(figure: Figure) -> Token:
    if figure.is_bad:
        return "bad"
    return "warn" if figure.part is not None and figure.part > 0.8 else "text"
