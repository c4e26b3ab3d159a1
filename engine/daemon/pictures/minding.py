"""Minding: what wants attention, looked for at most once a second however often it is asked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.daemon.pictures.failed_runs import failed_runs
from engine.ledger.memory.lanes import LaneWindow
from engine.model.attention import Matter
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.link import Link
from engine.model.reasons import GateKind
from engine.model.redaction import run_text
from engine.model.rules import Mode
from engine.model.snapshot import LaneKey
from engine.model.states import State
from engine.model.worker import Queue, Worker
from engine.policy.entry.arrivals import ALL
from engine.policy.why import matters
from engine.policy.why.attention import marked, ranked, steady
from engine.store.kept import Some

if TYPE_CHECKING:
    from engine.daemon.desk import Desk

FRESH_S: Final = 1.0
"""How long an answer is given again."""

CALM_S: Final = 5.0
"""The order changes at most every so often."""

SETBACKS: Final = 20
"""Things that broke lately and are told of; `doctor` has all."""

COUNTED: Final = 1_000
"""Jobs that wait for a person are counted up to here."""


@dataclass(slots=True)
class Minding:
    """The last answer, and when its order was made."""

    found: Sequence[Matter] = ()
    order: Sequence[str] = ()
    looked_s: float | None = None
    ordered_s: float | None = None
    clear_since_at: int | None = None
    """Since when nothing wants attention; None: something does, or nobody knows."""
    was_open: bool | None = None
    """Whether something did at the last look; None: there was none."""
    known: object = None
    """The acknowledgements that the last answer heeds."""

    async def look(self, desk: "Desk") -> Sequence[Matter]:
        """What wants attention, in a calm order."""
        now_s, known = desk.clock.monotonic(), desk.working_set.acknowledged
        is_fresh = self.looked_s is not None and now_s - self.looked_s < FRESH_S
        if is_fresh and known is self.known:
            return self.found
        is_new_word = known is not self.known
        self.looked_s, self.known = now_s, known
        found = marked(await _all(desk), known, desk.clock.now())
        self._arrange(ranked(found), now_s, at_once=is_new_word)
        self._note_clear(desk)
        return self.found

    def _arrange(self, found: Sequence[Matter], now_s: float, *, at_once: bool) -> None:
        is_due = self.ordered_s is None or now_s - self.ordered_s >= CALM_S
        self.found = found if is_due or at_once else steady(found, self.order)
        if is_due or at_once:
            self.ordered_s = now_s
        self.order = [matter.key for matter in self.found]

    def _note_clear(self, desk: "Desk") -> None:
        is_open = any(not matter.acknowledged_by for matter in self.found)
        if is_open:
            self.clear_since_at = None
        elif self.was_open:
            self.clear_since_at = desk.clock.now()
        self.was_open = is_open


async def _all(desk: "Desk") -> list[Matter]:
    now_at = desk.clock.now()
    asking = [matters.of_asking(_many(one)) for one in await desk.store.asking(COUNTED)]
    held = [
        matters.of_held(_many(one, one.by), now_at) for one in await desk.store.on_hold(COUNTED)
    ]
    return [
        *matters.of_engine(_engine(desk)),
        *map(matters.of_setback, desk.setbacks.recent()[-SETBACKS:]),
        *filter(None, _workers(desk)),
        *asking,
        *_unsatisfiable(desk),
        *filter(None, (matters.of_queue(line, now_at) for line in _lines(desk))),
        *filter(None, held),
        *await failed_runs(desk.store, desk.store, now_at),
        *await _repeats(desk, now_at),
        *filter(None, map(matters.of_cron, await desk.store.crons())),
    ]


def _engine(desk: "Desk") -> matters.Engine:
    commits, rounds = desk.ledger.writer.commit_ms, desk.round_ms
    return matters.Engine(
        trouble=desk.trouble,
        rounds=rounds.count,
        round_ms_p95=rounds.percentile(0.95),
        commits=commits.count,
        commit_ms_p95=commits.percentile(0.95),
        wal_bytes=desk.wal_bytes(),
        waiting=desk.working_set.backlog.depths[ALL],
    )


def _workers(desk: "Desk") -> Iterator[Matter | None]:
    jobs, silent, since = _counted(desk)
    for worker in map(desk.working_set.seen, desk.working_set.workers.values()):
        yield matters.of_worker(
            matters.Reach(
                worker=worker,
                link=_link(desk, worker),
                tripped=desk.working_set.tripped.get(worker.name),
                jobs=jobs[worker.name],
                silent=silent[worker.name],
                silent_at=since.get(worker.name),
                seen_at=worker.seen_at,
            )
        )


def _link(desk: "Desk", worker: Worker) -> Link | None:
    member = desk.fleet.members.get(worker.name)
    return member.linking.link if member is not None else None


def _counted(desk: "Desk") -> tuple[Counter[str], Counter[str], dict[str, int]]:
    """Of each worker: its open attempts, those out of reach, and since when."""
    jobs: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    since: dict[str, int] = {}
    for live in desk.working_set.live.by_attempt.values():
        worker, at = live.attempt.worker, live.job.now.unreachable_at
        jobs[worker] += 1
        if at is not None:
            silent[worker] += 1
            since[worker] = min(at, since.get(worker, at))
    return jobs, silent, since


def _unsatisfiable(desk: "Desk") -> Iterator[Matter]:
    """Of each queue, the jobs in lanes of which no worker could hold any, as far as known."""
    found: dict[str, list[tuple[LaneKey, LaneWindow]]] = {}
    for key, window in desk.working_set.lanes.windows.items():
        if window.held_by is GateKind.UNSATISFIABLE and window.jobs:
            found.setdefault(key.queue, []).append((key, window))
    for queue, lanes in found.items():
        key, first = min(lanes, key=lambda lane: lane[1].jobs[0].id)
        gate = desk.working_set.why_waits(key)
        yield matters.of_unsatisfiable(
            matters.Many(
                queue=queue,
                number=sum(len(window.jobs) for _, window in lanes),
                is_exact=all(window.complete for _, window in lanes),
                first=first.jobs[0].id,
                since_at=min(window.jobs[0].now.state_at for _, window in lanes),
                text=gate.text if gate else "",
            )
        )


def _lines(desk: "Desk") -> Iterator[matters.Line]:
    working_set = desk.working_set
    backlog, counts = working_set.backlog, working_set.counters.by_queue()
    oldest = working_set.lanes.oldest_queued_at()
    for name, queue in working_set.queues.items():
        pressure = backlog.pressures.get(name)
        yield matters.Line(
            queue=queue,
            waiting=_waiting(counts.get(name, {})),
            oldest_at=oldest.get(name),
            mode=backlog.modes.get(name, Mode.NORMAL),
            max_depth=pressure.max_depth if pressure else None,
        )
    everything = backlog.pressures.get(ALL)
    yield matters.Line(
        queue=Queue(name=ALL),
        waiting=backlog.depths[ALL],
        mode=backlog.modes.get(ALL, Mode.NORMAL),
        max_depth=everything.max_depth if everything else None,
    )


def _waiting(states: Mapping[str, int]) -> int:
    return sum(states.get(state, 0) for state in (State.PENDING, State.QUEUED, State.RETRYING))


async def _repeats(desk: "Desk", now_at: int) -> list[Matter]:
    often = desk.past_hour.repeats.often(now_at)
    jobs = {job.id: job for job in await desk.store.jobs([one.last for one in often])}
    return [matters.of_repeat(one, _name(jobs, one.last)) for one in often]


def _name(jobs: Mapping[JobId, Job], job: JobId) -> str:
    found = jobs.get(job)
    return "" if found is None else found.spec.name or run_text(found.spec)[:40]


def _many(some: Some, text: str = "") -> matters.Many:
    return matters.Many(
        queue=some.queue,
        number=some.number,
        is_exact=some.number < COUNTED,
        first=some.first,
        since_at=some.since_at,
        text=text,
    )
