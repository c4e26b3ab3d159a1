"""Ours keep the contracts that packages' backends have to keep."""

import pytest

from engine.backends.mock import MockBackend
from engine.backends.mock_host import MockHost
from engine.clock import SystemClock
from engine.testing.backend_contract import BackendContract, MakeBackend
from engine.testing.command_contract import CommandContract


class TestDetached(CommandContract):
    """This machine, and hosts at the end of a line with and without Python."""


class TestMock(BackendContract):
    """What only pretends to run."""

    @pytest.fixture
    def make_backend(self) -> MakeBackend:
        host = MockHost()
        return lambda: MockBackend(SystemClock(), host=host)

    def ends_with(self, code: int) -> tuple[str, ...]:
        return ("fail", str(code)) if code else ("succeed",)

    def lasts(self) -> tuple[str, ...]:
        return ("hang",)

    def says(self, word: str) -> tuple[str, ...]:
        return ("say", word)
