"""The configuration of a running daemon: what is in effect, and how it is read again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from engine.config import Config, Effective, changes
from engine.config.values import DEFAULT

MISSING = "(not there)"

FOR_CLIENTS = frozenset({"contexts", "console"})
"""Tables that the daemon checks and does not go by."""

Load = Callable[[], Config]
"""Reads the configuration as it is written now. Raises: InvalidSpec."""

Apply = Callable[[Config], None]
"""Puts into effect what needs no restart."""

Follow = Callable[[Config], Awaitable[None]]
"""Has workers come and go as it says."""


class Difference(NamedTuple):
    """What another configuration would change."""

    at_once: tuple[str, ...]
    """`queues.gpu.limit: 8 -> 9`."""
    after_restart: tuple[str, ...]


class Configured:
    """Holds two configurations: the one of the start, and the newest that was valid."""

    def __init__(self, started_with: Config, load: Load | None = None) -> None:
        """Begin with what the daemon was started with.

        Args:
            started_with: In effect.
            load: Reads it again; None if it came from nowhere.
        """
        self._started_with = started_with
        self._load = load or (lambda: started_with)
        self.now = started_with
        self.apply: Apply = lambda _: None
        self.follow: Follow = _follow_nothing
        self.reloading = asyncio.Lock()
        """Two reloads at once take turns."""

    def place_of(self, worker: str) -> str:
        """Where the file in effect has a worker: `FILE:LINE`; empty if it has it nowhere."""
        if worker not in self.now.workers:
            return ""
        shown = self.now.shown
        keys = (f"workers.{worker}.{key}" for key in ("address", "backend"))
        sources = [shown[key].source for key in keys if key in shown]
        return next((one for one in sources if one != DEFAULT), "the configuration")

    async def read(self) -> Config:
        """The configuration as it is written now; nothing changes. Raises: InvalidSpec."""
        disk = ThreadPoolExecutor(1, thread_name_prefix="config")
        try:
            return await asyncio.get_running_loop().run_in_executor(disk, self._load)
        finally:
            disk.shutdown(wait=False)  # a disk that does not answer holds nobody else up

    def difference(self, fresh: Config) -> Difference:
        """What `fresh` says otherwise than what is in effect, to the daemon."""
        at_once = [
            _told(key, self.now, fresh)
            for key in _of_ours(changes(self.now.shown, fresh.shown))
            if not _needs_restart(key, self.now, fresh)
        ]
        later = [
            _told(key, self._started_with, fresh)
            for key in changes(self._started_with.shown, fresh.shown)
            if _needs_restart(key, self._started_with, fresh)
        ]
        return Difference(tuple(filter(None, at_once)), tuple(filter(None, later)))

    async def put_into_effect(self, fresh: Config) -> None:
        """`swap`, and have the workers on other machines be those of `fresh`."""
        self.swap(fresh)
        await self.follow(fresh)

    def swap(self, fresh: Config) -> None:
        """Put `fresh` into effect, all of it that needs no restart."""
        self.now = fresh
        self.apply(fresh)

    def shown(self) -> list[Effective]:
        """Every setting in effect; one that waits for a restart says so in its source."""
        return [self._in_effect(one) for one in self.now.shown.values()]

    def _in_effect(self, one: Effective) -> Effective:
        if not one.needs_restart:
            return one
        was = self._started_with.shown.get(one.key)
        if was is None:
            return replace(one, source=f"{one.source}, after a restart")
        if was.value == one.value:
            return one
        return replace(
            was, source=f"{was.source}; {one.value} after a restart, from {one.source}"
        )


async def _follow_nothing(_: Config) -> None:
    return


def _of_ours(keys: Iterable[str]) -> Iterator[str]:
    """Those that are not for clients, which read them for themselves."""
    return (key for key in keys if key.partition(".")[0] not in FOR_CLIENTS)


def _needs_restart(key: str, was: Config, now: Config) -> bool:
    """A worker that is a part of this machine before or after comes and goes with restarts."""
    return any(one.shown[key].needs_restart for one in (was, now) if key in one.shown)


def _told(key: str, was: Config, now: Config) -> str:
    """The change of one key in words; empty if only its table came or went."""
    before, after = was.shown.get(key), now.shown.get(key)
    if all(one is None or one.source == DEFAULT for one in (before, after)):
        return ""
    left = before.value if before else MISSING
    right = after.value if after else MISSING
    return f"{key}: {left} -> {right}"
