"""The top line: where we are, how fresh it is, what may be done, and what goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from crabtui.data.fitting import fit
from crabtui.data.glyphs import Token
from crabtui.data.wording import count
from crabtui.widgets.line import Line, Part


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """Everything that the header may show; what is None or empty is left out."""

    context: str = ""
    link: str = ""
    """State of the link and the age of the picture: `● LIVE 0.3s`."""
    link_token: Token = "run"  # noqa: S105 - a colour's meaning
    mode: str = ""
    """`RO`, `RW 8m`, or nothing on one's own state directory."""
    mode_token: Token = "warn"  # noqa: S105 - a colour's meaning
    running: int | None = None
    slots: int | None = None
    queued: int | None = None
    pressure: str = ""
    """`high backlog`; empty while the backlog is normal."""
    pressure_token: Token = "warn"  # noqa: S105 - a colour's meaning
    failed: int | None = None
    attention: int | None = None
    clock: str = ""


class HeaderBar(Line):
    """`context | link and age | mode | run a/b | queued | failed | !n | clock`.

    Groups are dropped from the right as space ends, the clock first.
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
        left, right = _left(self.facts), _right(self.facts)
        while right and _cells(left) + _cells(right) + 3 > width:
            right.pop()
        while len(left) > 1 and _cells(left) + 2 > width:
            left.pop()
        gap = width - _cells(left) - _cells(right) - 2
        if gap < 0:
            return [Part(" "), Part(fit(left[0].text, max(width - 2, 1)), "text", bold=True)]
        return [Part(" "), *_spaced(left), Part(" " * gap), *_spaced(right), Part(" ")]


def _left(facts: HeaderFacts) -> list[Part]:
    groups = [
        Part(facts.context, "text", bold=True),
        Part(facts.link, facts.link_token),
        Part(facts.mode, facts.mode_token),
    ]
    return [part for part in groups if part.text]


def _right(facts: HeaderFacts) -> list[Part]:
    groups = [
        Part(_running(facts)),
        Part("" if facts.queued is None else f"q {count(facts.queued)}"),
        Part(facts.pressure, facts.pressure_token),
        Part("" if facts.failed is None else f"fail {count(facts.failed)}", _red(facts.failed)),
        Part("" if not facts.attention else f"!{count(facts.attention)}", "warn", bold=True),
        Part(facts.clock, "muted"),
    ]
    return [part for part in groups if part.text]


def _running(facts: HeaderFacts) -> str:
    if facts.running is None:
        return ""
    slots = "" if facts.slots is None else f"/{count(facts.slots)}"
    return f"run {count(facts.running)}{slots}"


def _red(failed: int | None) -> Token:
    return "bad" if failed else "muted"


def _cells(parts: Sequence[Part]) -> int:
    return sum(cell_len(part.text) for part in parts) + 2 * max(len(parts) - 1, 0)


def _spaced(parts: Sequence[Part]) -> list[Part]:
    spaced: list[Part] = []
    for part in parts:
        spaced += [Part("  "), part] if spaced else [part]
    return spaced
