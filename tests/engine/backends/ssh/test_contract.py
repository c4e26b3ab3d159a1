"""Hosts behind a real sshd keep the contract, with and without Python there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.hosting import Abode
from engine.backends.protocol import Backend
from engine.backends.stream_shell import StreamShell
from engine.clock import SystemClock
from engine.testing.backend_contract import BackendContract, MakeBackend
from tests.engine.backends.ssh.conftest import MakeLine
from tests.kit.processes import end_all
from tests.kit.sshd import Sshd


class TestSsh(BackendContract):
    """Each backend has a line of its own to one host."""

    @pytest.fixture(params=["auto", "no"])
    def make_backend(
        self,
        request: pytest.FixtureRequest,
        server: Sshd,
        make_line: MakeLine,
        tmp_path: Path,
    ) -> Iterator[MakeBackend]:
        abode = Abode(root=str(tmp_path / "spool"), python=request.param)
        lines = iter(range(1_000))

        def make() -> Backend:
            line = make_line(server, known=next(lines) == 0)
            shell = StreamShell(line, SystemClock(), abode)
            return DetachedBackend(shell, SystemClock(), elsewhere=True)

        yield make
        end_all(tmp_path / "spool")
