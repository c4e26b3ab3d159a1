"""`crabtui logs ID --grep PATTERN`: the lines of one log that have something in them."""

from typing import Final

from crabtui.cli.frame.setting import setting
from crabtui.cli.printing.found_lines import FoundLines
from crabtui.cli.printing.output import say_json
from engine.control.blocking import BlockingClient
from engine.control.messages import SearchLog
from engine.model.log_pattern import parse_pattern

NOTHING: Final = 1
"""Exit code where nothing was found."""

MOST: Final = 100_000


class Matches:
    """Prints them, and knows how far it came, so that it can go on after a restart."""

    def __init__(self, ask: SearchLog) -> None:
        """Prepare. Raises: InvalidSpec: the pattern cannot be searched for."""
        self._ask = ask
        self._shown = FoundLines(parse_pattern(ask.pattern))
        self._start = 0
        self._lines = 0
        self._left = MOST

    def read(self, client: BlockingClient) -> int:
        """Print them all; the exit code."""
        from msgspec.structs import replace

        ask = replace(self._ask, start=self._start, most=self._left)
        for piece in client.stream(ask):
            if setting().as_json:
                say_json(piece)
            else:
                self._shown.write(piece.hits, self._lines)
            self._start, self._lines = piece.end, self._lines + piece.lines
            self._left -= len(piece.hits)
        return NOTHING if self._left == MOST else 0
