"""The top line: where we are, how fresh it is, what may be done, and what goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from crabtui.data.fitting import fit
from crabtui.data.gauges import bar
from crabtui.data.glyphs import Token
from crabtui.data.wording import count
from crabtui.widgets.line import Line, Part

WIDE = 140
"""From this width on words are written out, and there is a bar."""
BAR = 10

Group = list[Part]
"""Parts that stay together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """Everything that the header may show; what is None or empty is left out."""

    context: str = ""
    accent: Token = "text"
    link: str = ""
    """State of the link and the age of the picture: `● LIVE 0.3s`."""
    link_token: Token = "run"  # noqa: S105 - a colour's meaning
    mode: str = ""
    """`RO`, `RW 8m`, or nothing on one's own state directory."""
    mode_token: Token = "warn"  # noqa: S105 - a colour's meaning
    running: int | None = None
    slots: int | None = None
    queued: int | None = None
    retrying: int | None = None
    pressure: str = ""
    """`high backlog`; empty while the backlog is normal."""
    pressure_token: Token = "warn"  # noqa: S105 - a colour's meaning
    failed: int | None = None
    workers_up: int | None = None
    workers: int | None = None
    attention: int | None = None
    clock: str = ""


class HeaderBar(Line):
    """`context | link and age | mode | run a/b | queued | failed | !n | clock`.

    Groups are dropped from the right as space ends, the clock first; where there is much
    of it, words are written out and more is told.
    """

    DEFAULT_CSS = """
    HeaderBar { dock: top; background: $crab-surface; }
    """

    facts = HeaderFacts()

    def show(self, facts: HeaderFacts) -> None:
        """Draw these facts."""
        if facts != self.facts:
            self.facts = facts
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        gap = 3 if width >= WIDE else 2
        left = _left(self.facts)
        right = list(_wide(self.facts) if width >= WIDE else _counters(self.facts))
        while right and _cells(left, gap) + _cells(right, gap) + 3 > width:
            right.pop()
        while len(left) > 1 and _cells(left, gap) + 2 > width:
            left.pop()
        room = width - _cells(left, gap) - _cells(right, gap) - 2
        if room < 0:
            return [Part(" "), Part(fit(self.facts.context, max(width - 2, 1)), bold=True)]
        between = Part(" " * room)
        return [Part(" "), *_spaced(left, gap), between, *_spaced(right, gap), Part(" ")]


def _left(facts: HeaderFacts) -> list[Group]:
    parts = (
        Part(facts.context, facts.accent, bold=True),
        Part(facts.link, facts.link_token),
        Part(facts.mode, facts.mode_token),
    )
    return [[part] for part in parts if part.text]


def _counters(facts: HeaderFacts) -> Iterator[Group]:
    if facts.running is not None:
        yield _labelled("run", _of(facts.running, facts.slots))
    if facts.queued is not None:
        yield _labelled("q", count(facts.queued))
    yield from _troubles(facts, "fail")


def _wide(facts: HeaderFacts) -> Iterator[Group]:
    if facts.running is not None:
        gauge = [Part(text, token) for text, token in bar(facts.running, facts.slots, BAR)]
        drawn = [Part(" "), *gauge] if facts.slots else []
        yield [*_labelled("run", _of(facts.running, facts.slots)), *drawn]
    if facts.queued is not None:
        yield _labelled("queued", count(facts.queued))
    if facts.retrying:
        yield _labelled("retrying", count(facts.retrying), "warn")
    if facts.workers is not None:
        up = facts.workers if facts.workers_up is None else facts.workers_up
        tone: Token = "text" if up == facts.workers else "warn"
        yield _labelled("workers", _of(up, facts.workers), tone)
    yield from _troubles(facts, "failed")


def _troubles(facts: HeaderFacts, failed: str) -> Iterator[Group]:
    if facts.pressure:
        yield [Part(facts.pressure, facts.pressure_token)]
    if facts.failed is not None:
        yield _labelled(failed, count(facts.failed), "bad" if facts.failed else "muted")
    if facts.attention:
        yield [Part(f"!{count(facts.attention)}", "warn", bold=True)]
    if facts.clock:
        yield [Part(facts.clock, "muted")]


def _labelled(label: str, value: str, token: Token = "text") -> Group:  # noqa: S107 - a colour
    return [Part(f"{label} ", "muted"), Part(value, token)]


def _of(part: int, whole: int | None) -> str:
    return count(part) if whole is None else f"{count(part)}/{count(whole)}"


def _cells(groups: Sequence[Group], gap: int) -> int:
    taken = sum(cell_len(part.text) for group in groups for part in group)
    return taken + gap * max(len(groups) - 1, 0)


def _spaced(groups: Sequence[Group], gap: int) -> list[Part]:
    spaced: list[Part] = []
    for group in groups:
        spaced += [Part(" " * gap), *group] if spaced else group
    return spaced
