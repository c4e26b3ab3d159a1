"""The line to a host over SSH: one connection, made when it is first needed."""

import asyncio
from typing import TYPE_CHECKING

from engine.backends.ssh.handshakes import Handshakes
from engine.backends.ssh.options import Places, Target
from engine.backends.ssh.user_config import warnings_of
from engine.backends.wire import Hearer, Wire
from engine.clock import Clock

if TYPE_CHECKING:
    from engine.backends.ssh.connection import Connection
    from engine.backends.ssh.dialing import Dialer


class SshLine:
    """One worker's host. Nothing is loaded or connected before the first `open`."""

    def __init__(
        self, target: Target, places: Places, handshakes: Handshakes, clock: Clock
    ) -> None:
        self._target = target
        self._places = places
        self._handshakes = handshakes
        self._clock = clock
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    @property
    def warnings(self) -> list[str]:
        """What of the account's SSH configuration has no effect here."""
        if not self._target.ssh_config:
            return []
        return warnings_of(self._places.config, self._target.address.host)

    async def open(self, command: str, hearer: Hearer) -> Wire:
        async with self._connecting:
            connection = self._connection
            if connection is None or not connection.is_open:
                await self._drop(connection, "a new connection is made")
                connection = self._connection = await self._dialer().connect()
        return await connection.open(
            command, hearer, self._clock, self._target.patience.connect_s
        )

    async def drop(self) -> None:
        connection, self._connection = self._connection, None
        await self._drop(connection, "the connection was given up")

    async def trust(self, fingerprint: str) -> None:
        """Accept the key of the host, or of the first jump host that is not known.

        Raises:
            InvalidSpec: `fingerprint` is none.
            LinkRefused: the host shows another key; says which. Nothing was accepted.
            Unreachable: it cannot be asked now.
        """
        await self._dialer().trust(fingerprint)

    async def _drop(self, connection: "Connection | None", why: str) -> None:
        if connection is not None:
            await connection.abort(why)

    def _dialer(self) -> "Dialer":
        # Loading asyncssh takes 170 ms, which only those spend who have hosts elsewhere.
        from engine.backends.ssh.dialing import Dialer

        return Dialer(self._target, self._places, self._handshakes, self._clock)
