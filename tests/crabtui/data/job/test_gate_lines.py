"""Gates as lines: what stands in the way stands out, and only that."""

import pytest

from crabtui.data.job import gate_lines
from engine.control.views import Explanation
from engine.model.reasons import Gate, GateKind


def signs(*gates):
    why = Explanation(job=1, state="queued", place=None, gates=gates)
    return [line[1] for line in gate_lines.lines(why, 80, 0) if len(line) == 4]


def closed(kind):
    return Gate(kind=kind, ok=False, text="closed")


@pytest.mark.parametrize("kind", [kind for kind in GateKind if kind is not GateKind.STATE])
def test_the_first_closed_gate_stands_out_and_is_in_sight(kind):
    opened = Gate(kind=GateKind.STATE, ok=True, text="it waits")
    assert signs(opened, closed(kind)) == [("✗", "bad"), ("✓", "ok")]


def test_the_next_closed_gate_only_warns():
    found = signs(closed(GateKind.HOLD), closed(GateKind.FIT))
    assert found == [("✗", "bad"), ("✗", "warn")]


def test_to_run_or_to_have_ended_is_no_trouble():
    assert signs(closed(GateKind.STATE)) == [("·", "muted")]
