"""The line above a log: what it is, how it is read, and where in it one is."""

from dataclasses import dataclass

from rich.cells import cell_len

from crabtui.data.fitting import fit
from crabtui.data.logs.words import line_text, share_text, size_text
from crabtui.data.wording import count, plural
from crabtui.widgets.line import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFacts:
    """How a log stands."""

    title: str
    following: bool
    wrapping: bool
    counted: str
    """Of the search; empty: there is none."""
    context: int | None
    """Only what was found is shown, with so many lines around; None: all is."""
    lines: int
    """Of it, if `is_whole`; else those that are loaded."""
    is_whole: bool
    number: int | None
    """Of the first line in view, from 1; None: not known."""
    estimate: int
    offset: int
    """Of that line; with `size` in bytes, or in lines where bytes say nothing."""
    size: int


def title_parts(facts: LogFacts, width: int, *, lit: bool, ascii_only: bool) -> list[Part]:
    """The title, a rule, and at the right as many facts as fit, the most wanted last to go."""
    name = Part(f" {facts.title} ", "accent" if lit else "muted", bold=lit)
    told = _facts(facts)
    while told and cell_len(name.text) + cell_len(_joined(told)) > width:
        told.remove(min(told, key=lambda fact: fact[0]))
    if not told:
        return [Part(fit(name.text, width), name.token, bold=lit)]
    right = _joined(told)
    rule = ("-" if ascii_only else "─") * (width - cell_len(name.text) - cell_len(right))
    return [name, Part(rule, "line"), Part(right, "muted")]


def _joined(facts: list[tuple[int, str]]) -> str:
    return f" {'  '.join(text for _, text in facts)} "


def _facts(facts: LogFacts) -> list[tuple[int, str]]:
    """Each with how much it is wanted."""
    told = [(9, "FOLLOW (f)" if facts.following else "follow off (f)")]
    if facts.wrapping:
        told.append((2, "wrap (W)"))
    if facts.context is not None:
        around = f" ±{facts.context}" if facts.context else ""
        told.append((7, f"matches only{around} (&)"))
    if facts.counted:
        told.append((8, f"{facts.counted} found"))
    if not facts.following:
        told.append((6, share_text(facts.offset, facts.size)))
        told.append((4, line_text(facts.number, facts.estimate)))
    told.append((5, _extent(facts)))
    return told


def _extent(facts: LogFacts) -> str:
    return plural(facts.lines, "line") if facts.is_whole else size_text(facts.size)


def note_above(above: int, dropped: int) -> str:
    """What stands above the first line that is loaded."""
    if above > 0:
        return f" ··· {count(above)} bytes above (g) ···"
    return f" ··· {count(dropped)} bytes dropped ···"
