"""Lines to hosts: byte streams to a command over there, whatever carries them."""

from collections.abc import Sequence
from typing import Protocol


class Hearer(Protocol):
    """Who is told what comes in; all calls come from the event loop."""

    def data_received(self, data: bytes) -> None:
        """Bytes of the command's standard output."""
        ...

    def stderr_received(self, data: bytes) -> None:
        """Bytes of its standard error, for people."""
        ...

    def connection_lost(self, why: str) -> None:
        """Nothing will come any more, and nothing can be sent. Called once."""
        ...


class Wire(Protocol):
    """One command that runs over there: its standard input, and a way to end it."""

    def write(self, data: bytes) -> None:
        """Send to its standard input; never blocks. After its loss: nothing happens."""
        ...

    def close(self) -> None:
        """Send what was written, then the end of its input."""
        ...


class Line(Protocol):
    """The way to one host. It is connected by the first `open`."""

    async def open(self, command: str, hearer: Hearer) -> Wire:
        """Run a command over there, in the account's login shell.

        Raises:
            Unreachable: no connection can be had now.
            LinkRefused: none will be had until a person has looked.
            NoMoreWires: the host lets no more commands run at once on this connection.
        """
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """What of the way to the host is not as its user may believe; sentences."""
        ...

    async def drop(self) -> None:
        """End the connection at once; every hearer is told. `open` makes a new one."""
        ...


class NoMoreWires(Exception):
    """The connection is fine, but the host allows no further command on it."""
