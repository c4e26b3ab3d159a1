"""Sessions: the worker on which each ran last, for as many as are worth remembering."""

from collections.abc import Mapping
from typing import Final

MOST: Final = 4096
"""Sessions that are remembered; the one that was idle longest goes first."""


class Sessions:
    """Session by session, the worker that it would like to have again."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.workers: dict[str, str] = {}
        """In the order in which they ran."""

    def load(self, newest_first: Mapping[str, str]) -> None:
        """Know what the store remembers."""
        self.workers = dict(list(newest_first.items())[: self._most][::-1])

    def ran(self, session: str | None, worker: str) -> None:
        """A job of this session, if it has one, was granted there."""
        if session is None:
            return
        self.workers.pop(session, None)
        self.workers[session] = worker
        if len(self.workers) > self._most:
            del self.workers[next(iter(self.workers))]
