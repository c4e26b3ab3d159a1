"""Failures that are alike: how often each fingerprint was met in the last 15 minutes."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from engine.model.events import Event, EventType
from engine.model.ids import JobId

SPAN_US: Final = 900_000_000
OFTEN: Final = 3
"""So many failures of one fingerprint within the span are no accident."""

MOST: Final = 256
"""Fingerprints that are remembered; of more the one that was quiet for the longest goes."""

EACH: Final = 1_000
"""Failures of one fingerprint that are remembered."""

FAILURES: Final = frozenset({EventType.JOB_FAILED, EventType.JOB_TIMEOUT, EventType.JOB_RETRY})


@dataclass(frozen=True, slots=True)
class Repeat:
    """A fingerprint that was met often."""

    fp: str
    failures: int
    jobs: int
    """How many jobs they were, of those that are remembered."""
    last: JobId
    since_at: int
    said: str
    """What the last one said."""


class Repeats:
    """The newest failures by fingerprint."""

    def __init__(self) -> None:
        self._met: dict[str, deque[tuple[int, JobId]]] = {}
        """(when, whose); the fingerprint that was met last stands last."""
        self._said: dict[str, str] = {}

    def hear(self, events: Iterable[Event]) -> None:
        """Take note of failures, in order."""
        for event in events:
            if event.type in FAILURES and event.job is not None:
                now = cast(dict[str, object], event.data.get("now") or {})
                trouble = now.get("trouble")
                if isinstance(trouble, dict) and isinstance(fp := trouble.get("fp"), str):
                    self._meet(fp, event.at, event.job, _said(now, trouble))

    def take_in(self, past: "Repeats") -> None:
        """Add what was met before this one began to listen."""
        for fp, earlier in past._met.items():
            later = self._met.get(fp, ())
            self._met[fp] = deque([*earlier, *later], maxlen=EACH)
            self._said.setdefault(fp, past._said[fp])
        while len(self._met) > MOST:
            self._forget()

    def often(self, now_at: int) -> list[Repeat]:
        """The fingerprints that were met three times or more in the last 15 minutes."""
        found = (self._repeat(fp, now_at) for fp in self._met)
        return [one for one in found if one is not None]

    def _repeat(self, fp: str, now_at: int) -> Repeat | None:
        met = [(at, job) for at, job in self._met[fp] if at > now_at - SPAN_US]
        if len(met) < OFTEN:
            return None
        jobs = {job for _, job in met}
        return Repeat(fp, len(met), len(jobs), met[-1][1], met[0][0], self._said[fp])

    def _meet(self, fp: str, at: int, job: JobId, said: str) -> None:
        met = self._met.pop(fp, None) or deque(maxlen=EACH)
        met.append((at, job))
        if len(self._met) >= MOST:
            self._forget()
        self._met[fp], self._said[fp] = met, said

    def _forget(self) -> None:
        fp = next(iter(self._met))
        del self._met[fp], self._said[fp]


def _said(now: Mapping[str, object], trouble: Mapping[str, object]) -> str:
    """`exit 3: no such module`: how it ended, and what it said last."""
    ended = str(now.get("note") or trouble.get("message") or "")
    details = trouble.get("details")
    stderr = details.get("stderr") if isinstance(details, Mapping) else None
    return f"{ended}: {stderr}" if stderr else ended
