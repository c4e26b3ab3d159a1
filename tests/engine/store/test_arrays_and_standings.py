"""What every store knows of many jobs at once, and that arrays compare before they set."""

from msgspec.structs import replace

from engine.errors import KeyTaken, StaleLease
from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.filter import EMPTY
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.spec import Constraints, Kind
from engine.model.states import Phase, State
from engine.model.worker import Hand, Queue
from engine.store.protocol import JobEdit, Standing, Unit, Window, Written
from tests.engine.store.author import Author, move_of, new_of, spec_with, told
from tests.kit.build import NOW, SECOND, a_job, a_lease, an_attempt


async def _array(author: Author, count: int) -> Array:
    """A composite job and its members, of which the last is pending."""
    top = await author.store.reserve_ids(count + 1)
    array = Array(id=top, first=JobId(top + 1), last=JobId(top + count), limit=2)
    jobs = [
        a_job(id=array.first + n, array=top, array_index=n, now={"queued_at": NOW})
        for n in range(count)
    ]
    jobs[-1] = jobs[-1].with_progress(replace(jobs[-1].now, state=State.PENDING, wake_at=NOW))
    composite = a_job(id=top, kind=Kind.COMPOSITE, state=State.QUEUED)
    await author.add_batch(*jobs)
    unit = author.unit(told(top), told(None), new_jobs=[new_of(composite)], arrays=[(0, array)])
    await author.store.commit_batch(array.first, unit)
    return replace(array, version=1)


async def test_an_array_is_there_until_its_composite_job_ends(author: Author) -> None:
    array = await _array(author, 3)
    assert await author.store.arrays() == [array]
    assert await author.store.array(array.id) == array
    assert await author.store.array(array.first) is None
    await author.end(await author.job(array.id))
    assert await author.store.arrays() == []
    assert await author.store.array(array.id) == array


async def test_an_array_is_changed_by_who_saw_it_last(author: Author) -> None:
    array = await _array(author, 2)
    changed = author.unit(told(array.id), arrays=[(1, replace(array, limit=9))])
    assert isinstance(await author.write(changed), Written)
    assert isinstance(await author.write(changed), StaleLease)
    assert await author.store.array(array.id) == replace(array, limit=9, version=2)


async def test_members_are_counted_and_read_from_any_place(author: Author) -> None:
    array, other = await _array(author, 4), await _array(author, 2)
    ended = await author.job(array.first)
    await author.end(ended, State.FAILED)
    counts = await author.store.array_counts([array.id, other.id, JobId(999)])
    assert counts == {
        array.id: {"failed": 1, "queued": 2, "pending": 1},
        other.id: {"queued": 1, "pending": 1},
        999: {},
    }
    found = await author.store.members(array.id, 1, 2)
    assert [job.id for job in found] == [array.first + 1, array.first + 2]
    assert [job.id for job in await author.store.members(array.id, 3, 9)] == [array.last]
    assert await author.store.check() == []


async def test_a_dropped_array_counts_nothing(author: Author) -> None:
    first = await author.store.reserve_ids(2)
    await author.add_batch(*[a_job(id=first + n, array=99) for n in range(2)])
    assert await author.store.array_counts([JobId(99)]) == {99: {}}
    assert await author.store.waiting_by_namespace() == {}
    await author.store.drop_batch(first)
    assert await author.store.check() == []


async def test_a_folded_window_shows_the_composite_job_alone(author: Author) -> None:
    plain = await author.submit()
    array = await _array(author, 3)
    page = await author.store.window(Window(query=EMPTY, sort="id", is_folded=True))
    assert [job.id for job in page.jobs] == [plain.id, array.id]
    assert (page.total, page.total_is_exact) == (2, True)


async def test_a_composite_job_is_never_granted(author: Author) -> None:
    array = await _array(author, 1)
    composite = await author.job(array.id)
    assert composite.now.state is State.QUEUED
    assert await author.store.lanes() == []
    assert await author.store.standings() != []
    assert composite.id not in [s.first for s in await author.store.standings()]


async def test_who_waits_is_counted_by_how(author: Author) -> None:
    early = await author.submit(now={"state_at": NOW - SECOND})
    jobs = [await author.submit() for _ in range(6)]
    await author.move(jobs[1], held_by="ann")
    await author.move(jobs[2], cancel_at=NOW)
    await author.grant(jobs[3])
    await author.move(jobs[4], state=State.PENDING, unmet=1)
    await author.move(jobs[5], state=State.RETRYING, wake_at=NOW)
    await author.submit(queue="other", priority=Priority.LOW)
    await author.end(await author.submit())
    shape = early.shape

    def standing(state: str, mark: str, number: int, first: JobId, at: int) -> Standing:
        return Standing("default", 2, "default", shape, state, mark, number, first, at)

    found = await author.store.standings("default")
    assert sorted(found, key=lambda s: s.first) == [
        standing("queued", "", 2, early.id, NOW - SECOND),
        standing("queued", "held", 1, jobs[1].id, NOW),
        standing("queued", "canceling", 1, jobs[2].id, NOW),
        standing("queued", "starting", 1, jobs[3].id, NOW),
        standing("pending", "unmet", 1, jobs[4].id, NOW),
        standing("retrying", "asleep", 1, jobs[5].id, NOW),
    ]
    everywhere = await author.store.standings()
    assert {s.queue for s in everywhere} == {"default", "other"}
    assert sum(s.number for s in everywhere) == 8


async def test_waiting_is_counted_by_namespace(author: Author) -> None:
    one = await author.submit(namespace="a")
    await author.submit(namespace="a", tenant="t")
    await author.submit(namespace="b")
    await author.submit(kind=Kind.COMPOSITE)
    assert await author.store.waiting_by_namespace() == {
        ("default", "a"): 1,
        ("default", "b"): 1,
        ("t", "a"): 1,
    }
    running = await author.move(one, state=State.RUNNING)
    assert ("default", "a") not in await author.store.waiting_by_namespace()
    await author.move(running, state=State.RETRYING)
    assert (await author.store.waiting_by_namespace())["default", "a"] == 1
    assert await author.store.check() == []


async def test_a_goal_is_held_by_who_started_first(author: Author) -> None:
    goal = Constraints(goal="g")
    one, two, never, ended = [await author.submit(constraints=goal) for _ in range(4)]
    plain = await author.submit()
    for job, at in ((one, 9), (two, 1), (plain, 0), (ended, 0)):
        await _started(author, job, NOW + at)
    await author.end(await author.job(ended.id))
    holders = await author.store.goal_holders()
    assert [job.id for job in holders] == [two.id, one.id]
    assert never.now.attempts == 0


async def _started(author: Author, job: Job, at: int, worker: str = "local") -> Attempt:
    attempt = replace(an_attempt(job, epoch=author.epoch), intent_at=at, worker=worker)
    columns = {"attempt": attempt.id, "attempts": 1, "worker": worker, "started_at": at}
    unit = author.unit(
        told(job.id),
        moves=[move_of(job, state=State.RUNNING, **columns)],
        new_attempts=[(attempt, a_lease(attempt))],
    )
    assert isinstance(await author.write(unit), Written)
    return attempt


async def test_a_session_is_remembered_where_it_ran_last(author: Author) -> None:
    for name, worker, at in (("s", "w1", 5), ("s", "w2", 9), ("t", "w3", 7), ("s", "w4", 8)):
        job = await author.submit(constraints=Constraints(session_id=name))
        await _started(author, job, NOW + at, worker)
    await _started(author, await author.submit(), NOW + 99)
    assert await author.store.last_workers(9) == {"s": "w2", "t": "w3"}
    assert await author.store.last_workers(1) == {"s": "w2"}


async def test_run_times_are_those_of_the_newest_successes(author: Author) -> None:
    for n, (name, state) in enumerate(
        [("a", State.SUCCEEDED)] * 3 + [("a", State.FAILED), ("b", State.SUCCEEDED)]
    ):
        job = await author.submit(name=name)
        at = {"started_at": NOW, "ended_at": NOW + (n + 1) * SECOND}
        await author.move(job, state=state, **at)
    assert await author.store.run_times_ms("a", "default", 2) == [3000, 2000]
    assert await author.store.run_times_ms("a", "other", 2) == []
    assert await author.store.run_times_ms("", "default", 2) == []


async def test_shapes_in_use_are_those_of_live_jobs(author: Author) -> None:
    waiting, held, running, ended = [await author.submit(cpu=n) for n in (1, 2, 3, 4)]
    await author.move(held, held_by="ann")
    await _started(author, running, NOW)
    await author.end(ended)
    in_use = await author.store.shapes_in_use()
    assert in_use == {waiting.shape, held.shape, running.shape}


async def test_an_edit_gives_a_job_another_spec(author: Author) -> None:
    job = await author.submit(name="old")
    limits = Constraints(deadline_at=NOW + 5, goal="g", session_id="s")
    spec = spec_with(job, name="new", tags=("t",), queue="other", constraints=limits)
    unit = author.unit(
        told(job.id),
        moves=[move_of(job, queue="other")],
        edits=[JobEdit(id=job.id, spec=spec, shape=77)],
    )
    assert isinstance(await author.write(unit), Written)
    found = await author.job(job.id)
    assert (found.spec, found.shape, found.now.queue) == (spec, 77, "other")
    assert await author.store.next_due_at() == NOW + 5
    page = await author.store.window(Window(query=EMPTY, sort="name"))
    assert [shown.spec.name for shown in page.jobs] == ["new"]
    assert isinstance(await author.write(unit), StaleLease)
    assert await author.store.check() == []


async def test_an_edit_cannot_take_a_key(author: Author) -> None:
    holder, job = await author.submit(key="k"), await author.submit()
    unit = author.unit(
        told(job.id),
        moves=[move_of(job)],
        edits=[JobEdit(id=job.id, spec=spec_with(job, key="k"), shape=job.shape)],
    )
    answer = await author.write(unit)
    assert isinstance(answer, KeyTaken)
    assert answer.details == {"job": holder.id}
    assert await author.job(job.id) == job


async def test_devices_and_what_is_set_by_hand_come_back(author: Author) -> None:
    job = await author.submit()
    attempt = replace(an_attempt(job, epoch=author.epoch), gpus=(0, 3))
    moved = [move_of(job, attempt=attempt.id, displaced_for=JobId(9))]
    unit = author.unit(told(job.id), moves=moved, new_attempts=[(attempt, a_lease(attempt))])
    await author.write(unit)
    assert await author.store.attempts(job.id) == [attempt]
    assert (await author.job(job.id)).now.displaced_for == 9
    await author.write(author.attempt_moving(attempt, gpus=(1,), phase=Phase.RUNNING))
    [moved_attempt] = await author.store.attempts(job.id)
    assert moved_attempt.gpus == (1,)
    hands = (Hand("limit", "ana", 1_700_000_000_000_000),)
    queue = Queue(name="q", limit=3, own=("limit", "weight"), hands=hands)
    await author.write(Unit(epoch=author.epoch, events=[told(None)], queues=[(0, queue)]))
    assert await author.store.queues() == [replace(queue, version=1)]
