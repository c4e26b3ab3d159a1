"""A line to a host that is this machine: commands as children, over pipes."""

import asyncio
from collections.abc import Mapping, Sequence

from engine.backends.wire import Hearer, NoMoreWires
from engine.errors import Unreachable

ENDS_WITHIN_S = 90.0
"""A program whose pipes were cut ends by itself."""


class PipeWire(asyncio.SubprocessProtocol):
    """One command's pipes."""

    def __init__(self, hearer: Hearer) -> None:
        self._hearer = hearer
        self.pid = 0
        self._why = "the command has ended"
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self.pid = transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self._hearer.data_received(data)
        else:
            self._hearer.stderr_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)
            self._hearer.connection_lost(self._why)

    def write(self, data: bytes) -> None:
        pipe = self._transport.get_pipe_transport(0)
        if isinstance(pipe, asyncio.WriteTransport) and not pipe.is_closing():
            pipe.write(data)

    def close(self) -> None:
        pipe = self._transport.get_pipe_transport(0)
        if pipe is not None:
            pipe.close()

    async def end(self, why: str) -> None:
        """As if the network had gone: its pipes close, and it ends in its own way."""
        self._why = why
        for fd in (0, 1, 2):
            if (pipe := self._transport.get_pipe_transport(fd)) is not None:
                pipe.close()
        try:
            await asyncio.wait_for(asyncio.shield(self.gone), ENDS_WITHIN_S)
        except TimeoutError:
            self._transport.kill()
            await self.gone
        self._transport.close()


class PipeLine:
    """The host's login shell runs commands, as sshd has it do."""

    def __init__(
        self,
        shell: Sequence[str] = ("/bin/sh",),
        env: Mapping[str, str] | None = None,
        most_wires: int = 10,
    ) -> None:
        self._shell = shell
        self._env = dict(env or {"PATH": "/usr/bin:/bin", "HOME": "/"})
        self._most_wires = most_wires
        self.wires: list[PipeWire] = []
        self.is_down = False
        self.warnings: Sequence[str] = ()

    async def open(self, command: str, hearer: Hearer) -> PipeWire:
        if self.is_down:
            raise Unreachable("the line is down")
        if len([one for one in self.wires if not one.gone.done()]) >= self._most_wires:
            raise NoMoreWires
        _, wire = await asyncio.get_running_loop().subprocess_exec(
            lambda: PipeWire(hearer), *self._shell, "-c", command, env=self._env
        )
        self.wires.append(wire)
        return wire

    async def drop(self) -> None:
        await self.cut("dropped")

    async def cut(self, why: str = "cut") -> None:
        """Every command loses its pipes, in the middle of whatever it does."""
        wires, self.wires = self.wires, []
        for wire in wires:
            await wire.end(why)
