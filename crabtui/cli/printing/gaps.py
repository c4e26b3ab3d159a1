"""Gaps in a log that is followed: the link to its host is broken for a while, or for good."""

from crabtui.cli.frame.failure import complain
from engine.control.views import LogChunk


class Gap:
    """Says on stderr, once for each silence, why nothing comes."""

    def __init__(self) -> None:
        self.is_for_good = False
        """Some of it never came, because its host could not be reached."""
        self._is_told = False

    def is_one(self, chunk: LogChunk) -> bool:
        """Whether this piece only tells of a gap; then it is told to the user."""
        if not chunk.waits:
            self._is_told = False
            return False
        self.is_for_good = self.is_for_good or chunk.final
        if chunk.final or not self._is_told:
            complain(chunk.waits)
        self._is_told = True
        return True
