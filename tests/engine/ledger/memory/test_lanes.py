"""Windows on lanes, whatever the store does while they are being refilled."""

from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from engine.ledger.memory import lanes as module
from engine.ledger.memory.lanes import Lanes, LaneWindow, is_grantable, lane_of
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.snapshot import LaneKey
from engine.model.states import State
from tests.kit.build import NOW, a_job

WINDOW = 6

PRIORITIES = st.sampled_from([Priority.NORMAL, Priority.HIGH])
PICKS = st.integers(0, 10_000)


class TwoLanes(RuleBasedStateMachine):
    """A store with two lanes, and the windows that follow its commits a little later."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[JobId, Job] = {}
        self.batches: deque[list[Job]] = deque()
        self.told: deque[Callable[[], None]] = deque()
        self.reads: dict[LaneKey, tuple[LaneWindow, list[Job]]] = {}
        self.lanes = Lanes()
        self.next_id = 1
        self.kept = module.WINDOW, module.LOW_WATER
        module.WINDOW, module.LOW_WATER = WINDOW, 3

    def teardown(self) -> None:
        module.WINDOW, module.LOW_WATER = self.kept

    def grantable(self, key: LaneKey) -> list[Job]:
        jobs = (self.stored[id_] for id_ in sorted(self.stored))
        return [job for job in jobs if is_grantable(job) and lane_of(job) == key]

    @initialize(before=st.lists(PRIORITIES, max_size=20), is_reading=st.booleans())
    def load(self, before: list[Priority], *, is_reading: bool) -> None:
        for priority in before:
            self._store(self._new(priority))
        self.lanes.load({lane_of(job) for job in self.stored.values()})
        if is_reading:
            self.begin_reads()

    def _new(self, priority: Priority) -> Job:
        job = a_job(id=self.next_id, priority=priority)
        self.next_id += 1
        return job

    def _store(self, job: Job) -> Job | None:
        was = self.stored.get(job.id)
        self.stored[job.id] = job
        return was

    def _commit(self, job: Job) -> None:
        """On disk now; the working set hears of it later, in order."""
        was = self._store(job)

        def absorb() -> None:
            if was is not None and is_grantable(was):
                self.lanes.discard(was)
            if is_grantable(job):
                self.lanes.add(job)

        self.told.append(absorb)

    def _pick(self, pick: int) -> Job:
        ids = sorted(self.stored)
        return self.stored[ids[pick % len(ids)]]

    @rule(priority=PRIORITIES)
    def submit(self, priority: Priority) -> None:
        self._commit(self._new(priority))

    @rule(many=st.lists(PRIORITIES, min_size=1, max_size=20))
    def begin_batch(self, many: list[Priority]) -> None:
        """Its ids are reserved; who comes after it may be committed before it."""
        self.batches.append([self._new(priority) for priority in many])

    @precondition(lambda self: self.batches)
    @rule()
    def commit_batch(self) -> None:
        batch = self.batches.popleft()
        firsts = {lane_of(job): job.id for job in reversed(batch)}
        for job in batch:
            self._store(job)

        def absorb() -> None:
            for key, first in firsts.items():
                self.lanes.mark_more(key, first)

        self.told.append(absorb)

    @precondition(lambda self: self.stored)
    @rule(pick=PICKS)
    def hold_or_release(self, pick: int) -> None:
        job = self._pick(pick)
        held = None if job.now.held_by else "ana"
        self._commit(job.with_progress(replace(job.now, held_by=held)))

    @precondition(lambda self: self.stored)
    @rule(pick=PICKS, priority=PRIORITIES)
    def reprioritise(self, pick: int, priority: Priority) -> None:
        job = self._pick(pick)
        self._commit(job.with_progress(replace(job.now, priority=priority)))

    @precondition(lambda self: self.lanes.windows)
    @rule(pick=PICKS)
    def grant_head(self, pick: int) -> None:
        windows = [w for w in self.lanes.windows.values() if w.jobs]
        if windows and not self.told:
            job = windows[pick % len(windows)].jobs[0]
            self._commit(job.with_progress(replace(job.now, state=State.RUNNING)))

    @precondition(lambda self: self.told)
    @rule()
    def absorb(self) -> None:
        self.told.popleft()()

    @precondition(lambda self: self.told)
    @rule()
    def absorb_all(self) -> None:
        while self.told:
            self.absorb()

    @rule()
    def begin_reads(self) -> None:
        for key, window in self.lanes.windows.items():
            if window.wants_refill:
                window.refilling = True
                found = [job for job in self.grantable(key) if job.id > window.cursor]
                self.reads[key] = (window, found[:WINDOW])

    @rule()
    def end_reads(self) -> None:
        for key, (window, found) in self.reads.items():
            assert self.lanes.windows[key] is window
            window.refill(found, asked=WINDOW)
            self.lanes.drop_if_empty(key)
        self.reads.clear()

    @invariant()
    def memory_is_bounded_and_in_order(self) -> None:
        for window in self.lanes.windows.values():
            ids = [job.id for job in window.jobs]
            assert ids == sorted(set(ids))
            assert len(ids) <= 3 * WINDOW

    @invariant()
    def nothing_is_hidden_or_invented(self) -> None:
        if self.told:
            return
        for priority in (Priority.NORMAL, Priority.HIGH):
            key = lane_of(a_job(id=1, priority=priority))
            waiting = self.grantable(key)
            window = self.lanes.windows.get(key)
            if window is None:
                assert waiting == []
                continue
            assert window.jobs == [job for job in waiting if job.id <= window.cursor]
            if window.complete:
                assert window.jobs == waiting


TestTwoLanes = TwoLanes.TestCase
TestTwoLanes.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)


def delivered(window: LaneWindow, stored: list[Job]) -> list[Job]:
    """What comes out of a window if its head is granted until nothing is left."""
    out: list[Job] = []
    while True:
        if window.wants_refill:
            window.refilling = True
            behind = [job for job in stored if job.id > window.cursor]
            window.refill(behind[: module.WINDOW], asked=module.WINDOW)
        if not window.jobs:
            return out
        out.append(window.jobs[0])
        window.discard(window.jobs[0].id)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1000])
def test_a_backlog_of_any_size_comes_out_whole_and_in_order(count: int) -> None:
    stored = [a_job(id=number) for number in range(1, count + 1)]
    window = LaneWindow(complete=False)
    assert delivered(window, stored) == stored
    assert window.complete


def test_a_job_that_comes_back_takes_its_old_place() -> None:
    lanes = Lanes()
    jobs = [a_job(id=number) for number in (1, 2, 3)]
    for job in jobs:
        lanes.add(job)
    lanes.discard(jobs[1])
    lanes.add(jobs[1])
    [window] = lanes.windows.values()
    assert window.jobs == jobs


def test_a_full_window_leaves_the_rest_to_the_store() -> None:
    lanes = Lanes()
    for number in range(1, 5001):
        lanes.add(a_job(id=number))
    assert lanes.resident == module.WINDOW
    [window] = lanes.windows.values()
    assert not window.complete


def test_an_empty_lane_is_forgotten_only_when_that_is_certain() -> None:
    lanes = Lanes()
    job = a_job(id=1)
    lanes.add(job)
    lanes.mark_more(lane_of(job), job.id)
    lanes.discard(job)
    assert lanes.windows
    [(key, window)] = lanes.windows.items()
    window.refilling = True
    window.refill([], asked=module.WINDOW)
    lanes.drop_if_empty(key)
    assert not lanes.windows


def test_the_oldest_head_of_a_queue_is_known() -> None:
    lanes = Lanes()
    for number, queued_at in ((1, NOW + 5), (2, NOW), (3, NOW + 9)):
        lanes.add(a_job(id=number, now={"queued_at": queued_at, "priority": Priority(number)}))
    assert lanes.oldest_queued_at() == {"default": NOW}


@pytest.mark.parametrize("how", ["add", "batch"])
def test_a_refill_that_was_overtaken_is_read_again(how: str) -> None:
    lanes, old, new = Lanes(), a_job(id=1), a_job(id=9)
    lanes.load([lane_of(old)])
    [window] = lanes.windows.values()
    window.refilling = True
    if how == "add":
        lanes.add(new)
    else:
        lanes.mark_more(lane_of(new), new.id)
    window.refill([old], asked=module.WINDOW)
    assert window.wants_refill
    assert delivered(window, [old, new]) == [old, new]


def test_who_has_a_lock_is_waiting_wherever_its_lane_is_cut() -> None:
    lanes = Lanes()
    for number in range(1, 300):
        lanes.add(a_job(id=number))
    owner = a_job(id=400)
    lanes.add(owner, has_lock=True)
    [window] = lanes.windows.values()
    assert [job.id for job in window.jobs] == list(range(1, module.WINDOW + 1))
    assert window.waiting == [*window.jobs, owner]
    lanes.mark_more(lane_of(owner), JobId(3))  # a bulk submission whose ids were reserved early
    assert [job.id for job in window.waiting] == [1, 2, 400]
    lanes.discard(owner)
    assert [job.id for job in window.waiting] == [1, 2]


def test_who_has_a_lock_is_there_once_when_the_window_reaches_it() -> None:
    stored = [a_job(id=number) for number in (1, 2, 3)]
    lanes = Lanes()
    lanes.load([lane_of(stored[0])])
    [window] = lanes.windows.values()
    lanes.has_lock(stored[2])
    assert window.waiting == [stored[2]]
    window.refilling = True
    window.refill(stored, asked=module.WINDOW)
    assert window.waiting == stored
