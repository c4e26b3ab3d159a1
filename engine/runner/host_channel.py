"""The byte stream between a host program and its controller."""

import os

MOST_LINE_BYTES = 64 << 20
"""A request that is longer is none."""

MOST_UNSENT_BYTES = 8 << 20
"""With more than this to send, no more is read: the controller does not listen."""

_PIECE_BYTES = 1 << 18


class HungUpError(Exception):
    """The controller is no longer there."""


class Channel:
    """Requests in and answers out; it waits for neither."""

    def __init__(self, reader: int, writer: int) -> None:
        """Take over two open descriptors.

        Args:
            reader: Read from when the selector says so.
            writer: Made non-blocking.
        """
        self.reader = reader
        self.writer = writer
        os.set_blocking(writer, False)
        self._got = bytearray()
        self._searched = 0
        self._unsent = bytearray()

    @property
    def unsent(self) -> int:
        """Bytes that could not be sent yet."""
        return len(self._unsent)

    def lines(self) -> list[bytes]:
        """The requests that have come in whole, without their newlines.

        Raises:
            HungUpError: no more will come; half a request is none.
        """
        try:
            data = os.read(self.reader, _PIECE_BYTES)
        except BlockingIOError:
            return []
        except OSError as error:
            raise HungUpError(str(error)) from error
        if not data or len(self._got) > MOST_LINE_BYTES:
            raise HungUpError
        self._got += data
        return self._whole()

    def _whole(self) -> list[bytes]:
        end = self._got.rfind(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._got)
            return []
        lines = bytes(self._got[:end]).split(b"\n")
        del self._got[: end + 1]
        self._searched = 0
        return lines

    def say(self, *parts: bytes) -> None:
        """Have this sent, all of it and nothing in between; `flush` does it."""
        for part in parts:
            self._unsent += part

    def flush(self) -> None:
        """Send what can be sent without waiting.

        Raises:
            HungUpError: nobody takes it any more.
        """
        try:
            while self._unsent:
                del self._unsent[: os.write(self.writer, self._unsent[:_PIECE_BYTES])]
        except BlockingIOError:
            return
        except OSError as error:
            raise HungUpError(str(error)) from error
