"""A caller that has closed our output gets the exit code, and no complaint."""

import sys

import pytest

from crabtui.cli.frame.run_line import run_line
from engine.control.messages import ListJobs
from tests.kit.answers import a_page
from tests.kit.fake_door import FakeDoor


@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdout", "stderr")])
def test_nothing_breaks(
    door: FakeDoor,
    state: object,
    monkeypatch: pytest.MonkeyPatch,
    closed: tuple[str, ...],
) -> None:
    monkeypatch.setenv("CRABTUI_STATE", str(state))
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    door.answers[ListJobs] = a_page()
    for stream in closed:
        monkeypatch.setattr(sys, stream, None)
    code = run_line(["ls"])
    for stream in closed:
        getattr(sys, stream).close()
    assert code == 0
