"""The line above a run: which it is, how it stands, when it is expected to end."""

from collections.abc import Sequence

from crabtui.data.fitting import cells, fit
from crabtui.data.flows.words import counts, eta, flow_glyph, is_held, time_of_flow
from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import UTC_ZONE, Zone, plural
from crabtui.widgets.line import Line, Part
from engine.control.views import FlowDetail

LEAST = 12
"""Cells of the name that are worth more than another fact."""


class FlowTitle(Line):
    """`flows › #12 sweep run 3    ● RUNNING 14m   ✓ 18  ● 8  ✗ 0   end ~14:58:00`."""

    DEFAULT_CSS = """
    FlowTitle { background: $crab-background; }
    """

    _detail: FlowDetail | None = None
    _now_at = 0
    _zone: Zone = UTC_ZONE
    _error = ""

    def show(self, detail: FlowDetail, now_at: int, zone: Zone) -> None:
        """Draw this run as of `now_at`; also to let time pass."""
        self._detail, self._now_at, self._zone, self._error = detail, now_at, zone, ""
        self.refresh()

    def show_error(self, text: str) -> None:
        """Say why there is nothing to show."""
        self._error = text
        self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        if self._error or self._detail is None:
            return [
                Part(" flows › ", "muted"),
                Part(fit(self._error, max(width - 10, 1)), "bad"),
            ]
        flow = self._detail.flow
        lead = [Part(" flows › ", "muted"), Part(f"#{flow.id} ", bold=True)]
        glyph = flow_glyph(flow)
        sign = glyph.drawn(ascii_only=self.ascii_only)
        state = f"{sign} {flow.state.upper()} {time_of_flow(flow, self._now_at)}"
        facts = self._facts()
        taken = sum(cells(part.text) for part in lead) + cells(state) + 3
        name = sanitize(flow.name) + (f" run {flow.run}" if flow.run > 1 else "")
        wanted = min(cells(name), LEAST)
        while facts and taken + wanted + sum(map(_width, facts)) > width:
            facts.pop()
        room = max(width - taken - sum(map(_width, facts)), 1)
        told = [Part(text, token) for fact in facts for text, token in (("   ", "text"), *fact)]
        return [*lead, Part(fit(name, room)), Part("  "), Part(state, glyph.token, True), *told]

    def _facts(self) -> list[list[Cell]]:
        """What has no room is left out from the end on."""
        assert self._detail is not None
        detail, facts = self._detail, [_spaced(counts(self._detail.flow.tasks))]
        if is_held(detail.flow):
            facts.insert(0, [(f"‖ paused by {sanitize(detail.flow.held_by or '')}", "block")])
        if expected := eta(detail, self._now_at, self._zone):
            facts.append([(expected, "text")])
        if detail.critical_path:
            path = plural(len(detail.critical_path), "task")
            facts.append([(f"critical path {path}", "muted")])
        if detail.max_parallelism:
            facts.append([(f"width {detail.max_parallelism}", "muted")])
        return facts


def _spaced(row: list[Cell]) -> list[Cell]:
    return [
        (f"{'  ' if place else ''}{text}", token) for place, (text, token) in enumerate(row)
    ]


def _width(fact: list[Cell]) -> int:
    return 3 + sum(cells(text) for text, _ in fact)
