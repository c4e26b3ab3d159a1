"""Lines that were found in logs, as they are printed: bytes to a pipe, harmless to a screen."""

import sys
from collections.abc import Sequence
from typing import Final

from crabtui.cli.printing.output import in_colour, on_terminal
from crabtui.data.logs.ansi import text_of
from engine.control.views import LogHit
from engine.model.log_pattern import LogPattern

_MATCH: Final = "\x1b[1;31m"
_MUTED: Final = "\x1b[2m"
_HEAD: Final = "\x1b[1m"
_PLAIN: Final = "\x1b[0m"


class FoundLines:
    """Prints hits with their line numbers, and what is around them."""

    def __init__(self, pattern: LogPattern) -> None:
        self._pattern = pattern
        self._tame = on_terminal()
        self._colours = in_colour()
        self._next = 0
        """Number of the line after the last one printed; 0: none was printed yet."""

    def head(self, text: str) -> None:
        """A line above hits; `text` is harmless."""
        sys.stdout.write(f"{_HEAD}{text}{_PLAIN}\n" if self._colours else f"{text}\n")
        self._next = 0

    def write(self, hits: Sequence[LogHit], lines: int = 0) -> None:
        """Print hits of one log, in its order; lines that are around two are printed once.

        Args:
            hits: Of one piece.
            lines: How many lines begin before that piece.
        """
        for place, hit in enumerate(hits):
            number = lines + hit.before + 1
            self._above(hit, number)
            self._line(number, ":", hit.data, is_match=True)
            following = hits[place + 1] if place + 1 < len(hits) else None
            last = number + len(hit.below)
            if following is not None:
                last = min(last, lines + following.before)
            for step, line in enumerate(hit.below[: last - number], 1):
                self._line(number + step, "-", line)

    def _above(self, hit: LogHit, number: int) -> None:
        first = max(number - len(hit.above), self._next)
        if self._next and first > self._next and (hit.above or hit.below):
            sys.stdout.write("--\n")
        above = hit.above[len(hit.above) - (number - first) :] if number > first else ()
        for step, line in enumerate(above):
            self._line(first + step, "-", line)

    def _line(self, number: int, sign: str, line: bytes, *, is_match: bool = False) -> None:
        self._next = number + 1
        head = f"{number:>7}{sign} "
        sys.stdout.write(f"{_MUTED}{head}{_PLAIN}" if self._colours else head)
        if self._tame:
            text = text_of(line)
            sys.stdout.write(self._marked(text) if is_match and self._colours else text)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(line)
        sys.stdout.write("\n")

    def _marked(self, text: str) -> str:
        parts, at = [], 0
        for start, end in self._pattern.spans(text):
            parts += [text[at:start], _MATCH, text[start:end], _PLAIN]
            at = end
        return "".join([*parts, text[at:]])
