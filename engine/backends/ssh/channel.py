"""One command on a connection: its bytes go to a hearer, ours to its standard input."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh

from engine.backends.wire import Hearer


class Channel(asyncssh.SSHClientSession[bytes]):
    """Hears one channel, and is the wire that writes to it."""

    def __init__(self, hearer: Hearer, why_lost: Callable[[], str | None]) -> None:
        """Prepare.

        Args:
            hearer: Who is told.
            why_lost: Why the connection is no more; None while it is.
        """
        self._hearer = hearer
        self._why_lost = why_lost
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._ended = "the host hung up"
        self._is_abandoned = False
        self._unsent = bytearray()

    def begin(self) -> None:
        """Let what came in come through; in the next turn, when its hearer has the wire."""
        if self._channel is not None:
            asyncio.get_running_loop().call_soon(self._channel.resume_reading)

    def abandon(self) -> None:
        """Nobody waits for it any more: close it as soon as it is open."""
        self._is_abandoned = True
        self.close()

    def write(self, data: bytes) -> None:
        # What is written in one turn of the loop goes in one packet: each costs both ends
        # an encryption, and asyncssh sends an empty one before each.
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._send)
        self._unsent += data

    def close(self) -> None:
        self._send()
        if self._channel is not None and not self._channel.is_closing():
            self._channel.close()

    def _send(self) -> None:
        data, self._unsent = bytes(self._unsent), bytearray()
        if data and self._channel is not None and not self._channel.is_closing():
            self._channel.write(data)

    def connection_made(self, chan: "asyncssh.SSHClientChannel[bytes]") -> None:
        self._channel = chan
        chan.pause_reading()

    def session_started(self) -> None:
        if self._is_abandoned:
            self.close()

    def data_received(self, data: bytes, datatype: Any) -> None:
        if datatype == asyncssh.EXTENDED_DATA_STDERR:
            self._hearer.stderr_received(data)
        else:
            self._hearer.data_received(data)

    def exit_status_received(self, status: int) -> None:
        self._ended = f"its command has ended with exit code {status}"

    def exit_signal_received(self, signal: str, *_: object) -> None:
        self._ended = f"its command was ended by {signal}"

    def connection_lost(self, exc: Exception | None) -> None:
        self._channel = None
        why = self._why_lost() or (self._ended if exc is None else why_lost(exc))
        self._hearer.connection_lost(why)


def why_lost(error: Exception) -> str:
    """Why a connection is no more."""
    said = error.strerror if isinstance(error, OSError) else getattr(error, "reason", "")
    if said == "Connection lost":
        return "the host hung up"
    return f"the connection was lost: {said or error}"
