"""Flights: which keys of results are being computed, by whom, and who waits for that."""

from collections.abc import Mapping
from typing import Final

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL
from engine.policy.reuse import Turn, is_awaitable, turn

MOST_LOOKED: Final = 10_000
"""Jobs of which is remembered that nothing stands in for their run."""

MOST_WAITING: Final = 10_000
"""Jobs that wait for another's result; beyond that they run, and wait for nobody."""


class Flights:
    """What is known of results that are reused; all of it can be found out anew.

    Only who has an attempt is waited for: it has all that it needs, so that nobody ever waits
    for one that waits in turn. Who waits is queued on disk, and stands in no lane.
    """

    def __init__(self) -> None:
        self._ahead: dict[bytes, JobId] = {}
        """By key, the job that computes it."""
        self._keys: dict[JobId, bytes] = {}
        """What jobs with an attempt compute."""
        self._waits: dict[JobId, JobId] = {}
        self._behind: dict[JobId, dict[JobId, None]] = {}
        self._freed: list[JobId] = []
        self._looked: dict[JobId, tuple[int, bytes]] = {}
        """Jobs for which nothing was found: by which version, and under which key."""
        self._alike: dict[bytes, set[JobId]] = {}

    @property
    def waits(self) -> Mapping[JobId, JobId]:
        """Who waits, and for whom."""
        return self._waits

    @property
    def has_freed(self) -> bool:
        """Whether somebody waits no longer, and stands in no lane yet."""
        return bool(self._freed)

    def take_freed(self) -> list[JobId]:
        """Those who wait no longer: each is told once."""
        freed, self._freed = self._freed, []
        return freed

    def turn(self, job: Job) -> Turn:
        """What is next for a job that could be granted now; remembers for whom it waits."""
        if job.spec.memo is None:
            return Turn.RUN
        key = self._key(job)
        next_ = turn(job, key, self._ahead.get(key) if key else None)
        if next_ is Turn.WAIT and not self.wait(job.id, key or b""):
            return Turn.RUN
        return next_

    def _key(self, job: Job) -> bytes | None:
        version, key = self._looked.get(job.id, (None, b""))
        return key if version == job.now.version else None

    def look(self, job: Job, key: bytes = b"") -> None:
        """Remember that nothing stands in for its run, until a flight of this key lands.

        Args:
            job: As it was when that was looked for.
            key: Of its result; empty: it has none, and runs whatever others do.
        """
        self.forget(job.id)
        if len(self._looked) >= MOST_LOOKED:
            self.forget(next(iter(self._looked)))
        self._looked[job.id] = job.now.version, key
        if key:
            self._alike.setdefault(key, set()).add(job.id)

    def has_looked(self, job: Job) -> bool:
        """Whether what `look` remembered of it still holds."""
        return self._key(job) is not None

    def forget(self, job: JobId) -> None:
        """Have it be looked for again, and wait for nobody."""
        self._leave(job)
        _, key = self._looked.pop(job, (0, b""))
        alike = self._alike.get(key)
        if alike is not None:
            alike.discard(job)
            if not alike:
                del self._alike[key]

    def wait(self, job: JobId, key: bytes) -> bool:
        """Have a job wait for another that computes the same; false if it need not."""
        ahead = self._ahead.get(key)
        if ahead is None or ahead == job:
            return False
        if self._waits.get(job) != ahead:
            self._leave(job)
            if len(self._waits) >= MOST_WAITING:
                return False
            self._waits[job] = ahead
            self._behind.setdefault(ahead, {})[job] = None
        return True

    def _leave(self, job: JobId) -> None:
        ahead = self._waits.pop(job, None)
        if ahead is not None:
            behind = self._behind[ahead]
            del behind[job]
            if not behind:
                del self._behind[ahead]

    def take_off(self, job: Job, key: bytes | None = None) -> None:
        """It is granted: who comes to the same waits for it.

        Args:
            job: As it was looked at.
            key: Of its result; None: as remembered.
        """
        key = self._key(job) if key is None else key
        self.land(job.id)
        self._leave(job.id)
        if key and key not in self._ahead:
            self._ahead[key] = job.id
            self._keys[job.id] = key

    def land(self, job: JobId) -> None:
        """It computes nothing any more: who has its key looks again, who waited goes on."""
        key = self._keys.pop(job, None)
        if key is None:
            return
        del self._ahead[key]
        self._freed += self._behind.get(job, ())
        for other in [*self._behind.get(job, ()), *self._alike.get(key, ())]:
            self.forget(other)

    def hear(self, job: Job) -> None:
        """A job is like this now."""
        if job.id in self._keys and not is_awaitable(job):
            self.land(job.id)
        if job.id in self._looked and job.now.state in FINAL:
            self.forget(job.id)

    def in_flight(self) -> list[JobId]:
        """Who computes something that others could wait for."""
        return list(self._keys)
