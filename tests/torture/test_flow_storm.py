"""The crash test of workflows, short: everything ran once and in order, no run hangs."""

from pathlib import Path
from random import Random

import pytest

from tests.torture.flow_plan import a_flow
from tests.torture.flow_storm import flow_storm, order_faults


@pytest.mark.torture
def test_runs_come_to_their_ends_whatever_dies(tmp_path: Path) -> None:
    report = flow_storm(tmp_path, cycles=6, seed=20_26)
    assert report.faults == []
    assert report.runs >= 6 * 15


def test_what_begins_too_early_is_found(tmp_path: Path) -> None:
    plan = a_flow(Random(1), 0, tmp_path)
    told = ["w0/t0 1-1-1 start", "w0/g0 2-1-1 start", "w0/t0 1-1-1 end"]
    assert "w0/g0 began before w0/t0 had ended" in list(order_faults(plan, told))
    assert list(order_faults(plan, [told[0], told[2], told[1]])) == []
