"""Writing what jobs wrote: as it is to files, harmless to terminals."""

import codecs
import re
from typing import BinaryIO, Final, Protocol

from crabtui.data.sanitize import sanitize_log

_UNFINISHED: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*|[PX^_][^\x1b]*)?\Z")
"""The beginning of an escape sequence whose end has not come yet."""

LONGEST_WAIT: Final = 4_096
"""Characters of an unfinished sequence that are kept back before they are shown anyway."""

NOTHING_ELSE: Final = "\x1b[0m"
"""Colours that a job left switched on end with its output."""


class Output(Protocol):
    """Somewhere to write to; `sys.stdout` and `sys.stderr` are."""

    @property
    def buffer(self) -> BinaryIO: ...

    def isatty(self) -> bool: ...


class LogWriter:
    """Writes pieces of one log to one output, in order."""

    def __init__(self, output: Output) -> None:
        self._to = output.buffer
        self._tame = output.isatty()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._kept = ""
        self._coloured = False

    def write(self, data: bytes) -> None:
        """Show `data`, at once. Raises: BrokenPipeError."""
        self._to.write(self._tamed(data) if self._tame else data)
        self._to.flush()

    def finish(self) -> None:
        """Show what was kept back, and end colours that are still on."""
        if self._tame:
            rest = sanitize_log(self._kept + self._decoder.decode(b"", final=True))
            self._kept = ""
            self._to.write((rest + (NOTHING_ELSE if self._coloured else "")).encode())
        self._to.flush()

    def _tamed(self, data: bytes) -> bytes:
        text = self._kept + self._decoder.decode(data)
        begun = _UNFINISHED.search(text, max(len(text) - LONGEST_WAIT, 0))
        cut = begun.start() if begun else len(text)
        self._kept = text[cut:]
        shown = sanitize_log(text[:cut])
        self._coloured = self._coloured or "\x1b" in shown
        return shown.encode()
