"""Why jobs wait, counted: as the bars of a histogram, and one group in full."""

from collections.abc import Iterator
from textwrap import wrap

from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import age, count
from engine.control.views import ReasonsView, ReasonView

BAR = 10
KIND = 14


def histogram(why: ReasonsView, width: int) -> Iterator[list[Cell]]:
    """A bar for each reason, the most jobs first."""
    if not why.reasons:
        yield [(" nothing waits" if not why.waiting else " nothing stands in the way", "muted")]
    most = max((reason.count for reason in why.reasons), default=0)
    for reason in why.reasons:
        room = width - BAR - KIND - 14
        text = sanitize(reason.text)
        cut = text if len(text) <= room else text[: max(room - 1, 0)] + "…"
        number = count(reason.count, exact=reason.is_exact)
        yield [
            (" ", "muted"),
            *bar(reason.count, most, BAR, "warn"),
            (f" {number:>8}", "text"),
            (f"  {kind(reason):<{KIND}}", "accent"),
            (cut, "text"),
        ]


def kind(reason: ReasonView) -> str:
    """The kind of gate in words."""
    return sanitize(reason.kind.replace("-", " "))


def group(reason: ReasonView, width: int, now_at: int) -> Iterator[list[Cell]]:
    """One group: what stands in the way, of whom, since when, and what would help."""
    for text in wrap(sanitize(reason.text), max(width - 2, 20)):
        yield [(f" {text}", "text")]
    number = count(reason.count, exact=reason.is_exact)
    levels = ", ".join(f"{n:,} {sanitize(name)}" for name, n in reason.priorities.items() if n)
    oldest = age(reason.oldest_at, now_at)
    yield [(f" {number} waiting: {levels}   oldest {oldest}   first #{reason.first}", "muted")]
    for text in wrap(sanitize(reason.remedy), max(width - 4, 20)):
        yield [(" → ", "accent"), (text, "text")]
