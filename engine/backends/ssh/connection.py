"""One SSH connection, and those to the jump hosts that it goes through."""

import asyncio
from collections.abc import Callable, Sequence
from socket import SO_LINGER, SOL_SOCKET
from struct import pack

import asyncssh

from engine.backends.ssh.channel import Channel, why_lost
from engine.backends.wire import Hearer, NoMoreWires, Wire
from engine.clock import Clock
from engine.errors import LinkRefused, Unreachable

_WINDOW_BYTES = 4 << 20
"""What a host may send before we have taken it: logs come in pieces of hundreds of KiB."""


class Ends(asyncssh.SSHClient):
    """Notes why a connection ended."""

    why: str | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self.why is None:
            self.why = "the host hung up" if exc is None else why_lost(exc)


class Connection:
    """Commands on one host. When it ends, the hearers of all are told, once each."""

    def __init__(
        self,
        link: asyncssh.SSHClientConnection,
        ends: Ends,
        hops: Sequence[asyncssh.SSHClientConnection],
    ) -> None:
        self._link = link
        self._ends = ends
        self._hops = hops
        self._wires: set[_Counted] = set()
        self._has_run = False
        for one in (link, *hops):
            _let_nothing_linger(one)

    @property
    def is_open(self) -> bool:
        return self._ends.why is None and not self._link.is_closed()

    @property
    def fingerprint(self) -> str:
        """Of the key that the host showed."""
        key = self._link.get_server_host_key()
        return "" if key is None else key.get_fingerprint()

    async def open(self, command: str, hearer: Hearer, clock: Clock, most_s: float) -> Wire:
        """Run a command.

        Raises:
            NoMoreWires: others run already, and the host lets no more.
            LinkRefused: the host has never let any run on this connection.
            Unreachable: it did not answer within `most_s`, or the connection ended.
        """
        channel = _Counted(hearer, lambda: self._ends.why, self._wires)
        # In a task of its own, which ends with the connection: a channel whose opening is
        # canceled is never closed, and counts against the host's limit.
        opening = asyncio.shield(self._create(channel, command))
        try:
            error = await clock.within(most_s, opening)
        except TimeoutError:
            await self.abort("it does not answer")
            raise Unreachable(f"no command could be started within {most_s:g} s") from None
        except asyncio.CancelledError:
            channel.abandon()
            raise
        if error is not None:
            raise self._refused(error)
        self._has_run = True
        channel.begin()
        return channel

    async def _create(self, channel: Channel, command: str) -> Exception | None:
        """Open a channel; why it could not be, for whoever still wants to know."""
        try:
            await self._link.create_session(lambda: channel, command, window=_WINDOW_BYTES)
        except (asyncssh.Error, OSError) as error:
            return error
        return None

    def _refused(self, error: Exception) -> Exception:
        if not self.is_open or not isinstance(error, asyncssh.ChannelOpenError):
            return Unreachable(self._ends.why or str(error))
        if self._wires:
            return NoMoreWires(error.reason)
        if self._has_run:
            return Unreachable(f"the host lets us run no further command: {error.reason}")
        return LinkRefused(f"the host lets us run no command: {error.reason}")

    async def abort(self, why: str) -> None:
        """End it at once, jump hosts too; returns when every hearer was told."""
        if self._ends.why is None:
            self._ends.why = why
        for link in (self._link, *reversed(self._hops)):
            link.abort()
            await link.wait_closed()


def _let_nothing_linger(link: asyncssh.SSHClientConnection) -> None:
    """Have what was not sent yet be dropped when it ends, and not sent for minutes after.

    A renewal that is given up must not reach its host later: others count on that.
    """
    socket = link.get_extra_info("socket")
    if socket is not None:  # what goes through a jump host has none of its own
        socket.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))


class _Counted(Channel):
    """A channel that is among those of its connection as long as it is open."""

    def __init__(
        self, hearer: Hearer, why_lost: Callable[[], str | None], among: "set[_Counted]"
    ) -> None:
        super().__init__(hearer, why_lost)
        self._among = among

    def session_started(self) -> None:
        self._among.add(self)
        super().session_started()

    def connection_lost(self, exc: Exception | None) -> None:
        self._among.discard(self)
        super().connection_lost(exc)
