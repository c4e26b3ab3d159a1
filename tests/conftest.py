"""Fixtures that every part may use: real processes that are gone when the test is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.daemon import RealDaemon


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[RealDaemon]:
    """A running daemon on an empty state directory."""
    with RealDaemon(tmp_path) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_state_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test finds, starts or stops the daemon of the person who runs it."""
    monkeypatch.setenv("CRABTUI_STATE", str(tmp_path / "s"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home-state"))
