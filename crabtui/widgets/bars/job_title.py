"""The line above a job's panes: which job, how it stands, for how long, and where."""

from collections.abc import Sequence

from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Glyph
from crabtui.widgets.line import Line, Part

LEAST = 12
"""Cells of the name that are worth more than another fact."""


class JobTitle(Line):
    """`jobs › #1 train            ● RUNNING 1m12s   attempt 2/5   high   gpu`."""

    DEFAULT_CSS = """
    JobTitle { background: $crab-background; }
    """

    _job = 0
    _called = ""
    _glyph: Glyph | None = None
    _facts: tuple[str, ...] = ()
    _error = ""

    def show(self, job: int, name: str, glyph: Glyph, facts: Sequence[str]) -> None:
        """Draw this; the first of `facts` is the state, the last are dropped first."""
        now = (job, name, glyph, tuple(facts))
        if now != (self._job, self._called, self._glyph, self._facts) or self._error:
            self._job, self._called, self._glyph, self._facts = now
            self._error = ""
            self.refresh()

    def show_error(self, text: str) -> None:
        """Say why there is nothing to show."""
        if text != self._error:
            self._error = text
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        if self._error or self._glyph is None:
            return [Part(" "), Part(fit(self._error, max(width - 2, 1)), "bad")]
        lead = [Part(" jobs › ", "muted"), Part(f"#{self._job} ", bold=True)]
        facts = list(self._facts)
        taken = sum(cells(part.text) for part in lead) + 6
        wanted = min(cells(self._called), LEAST)
        while len(facts) > 1 and taken + wanted + cells("   ".join(facts)) > width:
            facts.pop()
        room = max(width - taken - cells("   ".join(facts)), 1)
        sign = self._glyph.drawn(ascii_only=self.ascii_only)
        return [
            *lead,
            Part(fit(self._called, room)),
            Part("  "),
            Part(f"{sign} {facts[0]}", self._glyph.token, bold=True),
            *(Part(f"   {fact}") for fact in facts[1:]),
            Part(" "),
        ]
