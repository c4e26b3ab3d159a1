"""Holders: every attempt that holds room, as gates name it and reservations count on it."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from engine.ledger.memory.live import Live
from engine.model.ids import AttemptId
from engine.model.snapshot import Holder
from engine.policy.jobs.timeouts import ends_by_at, expected_end_at
from engine.policy.shapes import needs


def holder_of(live: Live) -> Holder:
    """An open attempt, as others see it who wait for what it holds."""
    job, attempt = live.job, live.attempt
    spec, now = job.spec, job.now
    began_at = attempt.started_at or attempt.intent_at
    is_silent = now.unreachable_at is not None
    return Holder(
        job=job.id,
        worker=attempt.worker,
        queue=now.queue,
        group=spec.constraints.concurrency_group,
        started_at=began_at,
        attempt=attempt.id,
        priority=now.priority,
        tenant=spec.tenant,
        namespace=spec.namespace,
        array=spec.array,
        goal=spec.constraints.goal,
        amounts=needs(live.shape),
        gpus=attempt.gpus,
        ends_at=expected_end_at(job, began_at),
        ends_by_at=ends_by_at(job, began_at),
        is_preemptible=spec.preemptible,
        is_stopping=now.stopping,
        evidence_at=live.evidence_at or attempt.evidence_at if is_silent else None,
        gives_up_at=live.gives_up_at if is_silent else None,
    )


class Holders:
    """Kept as attempts come, change and go, so that nobody has to collect them."""

    def __init__(self) -> None:
        self._by_attempt: dict[AttemptId, Holder] = {}
        self._changed: dict[AttemptId, Live] = {}
        """Those of which nobody has read since they changed; most have gone before."""

    def put(self, live: Live) -> None:
        """The attempt holds room."""
        self._changed[live.attempt.id] = live

    def renew(self, live: Live) -> None:
        """Something about the attempt has changed; nothing if it holds no room any more."""
        if live.attempt.id in self._by_attempt or live.attempt.id in self._changed:
            self.put(live)

    def expect_stop(self, attempt: AttemptId) -> bool:
        """It is about to be told to end; false if it is already, or holds nothing."""
        self._catch_up()
        holder = self._by_attempt.get(attempt)
        if holder is None or holder.is_stopping:
            return False
        self._by_attempt[attempt] = replace(holder, is_stopping=True)
        return True

    def drop(self, attempt: AttemptId) -> None:
        """The attempt holds nothing any more."""
        self._by_attempt.pop(attempt, None)
        self._changed.pop(attempt, None)

    def view(self) -> Collection[Holder]:
        """All of them as they are whenever somebody looks: no copy."""
        return _View(self)

    def values(self) -> Collection[Holder]:
        """All of them as they are now; good until something changes."""
        self._catch_up()
        return self._by_attempt.values()

    def _catch_up(self) -> None:
        for attempt, live in self._changed.items():
            self._by_attempt[attempt] = holder_of(live)
        self._changed.clear()


class _View(Collection[Holder]):
    """Made out only when somebody looks: most who may never do."""

    def __init__(self, holders: Holders) -> None:
        self._holders = holders

    def __iter__(self) -> Iterator[Holder]:
        return iter(self._holders.values())

    def __len__(self) -> int:
        return len(self._holders.values())

    def __contains__(self, holder: object) -> bool:
        return holder in self._holders.values()
