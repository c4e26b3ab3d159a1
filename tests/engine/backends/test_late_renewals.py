"""A renewal that was held up on its way keeps nothing alive that was given up meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.hosting import Abode
from engine.backends.stream_shell import StreamShell
from engine.backends.wire import Hearer
from engine.clock import SystemClock
from engine.runner import identity
from tests.engine.backends.hands import EPOCH, Hands
from tests.kit.pipes import PipeLine, PipeWire
from tests.kit.processes import end_all


class HoldingLine(PipeLine):
    """Keeps renewals back for a while, as a jump host's buffer may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_ms = 0

    async def open(self, command: str, hearer: Hearer) -> PipeWire:
        wire = await super().open(command, hearer)
        send = wire.write

        def write(data: bytes) -> None:
            if b" renew " in data:
                self.asked_ms = identity.uptime_ms()
                while identity.uptime_ms() < self.asked_ms + 50:
                    pass  # the network's time, which nothing here can wait for
            send(data)

        wire.write = write  # type: ignore[method-assign]
        return wire


@pytest.fixture
async def line() -> HoldingLine:
    return HoldingLine()


@pytest.fixture(params=["auto", "no"])
async def held(
    request: pytest.FixtureRequest, tmp_path: Path, line: HoldingLine
) -> AsyncIterator[Hands]:
    clock = SystemClock()
    abode = Abode(root=str(tmp_path / "spool"), python=request.param)
    backend = DetachedBackend(StreamShell(line, clock, abode), clock)
    await backend.hello(EPOCH)
    yield Hands(backend)
    await backend.close()
    end_all(tmp_path)


async def test_a_lease_begins_when_its_renewal_was_sent_at_the_latest(
    held: Hands, line: HoldingLine, tmp_path: Path
) -> None:
    report = await held.sh("sleep 60", lease_ms=60_000)
    lease = tmp_path / "spool" / "a" / report.attempt / "lease"
    before = int(lease.read_bytes().split()[0])
    while identity.uptime_ms() <= before + 20:
        await held.backend.look()
    assert await held.backend.renew([report.attempt], EPOCH) == [report.attempt]
    after = int(lease.read_bytes().split()[0])
    assert before < after <= line.asked_ms
