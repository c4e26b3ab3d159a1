"""What every store promises about writing: compare, then set; together, or not at all."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from engine.errors import InvalidSpec, KeyTaken, StaleEpoch, StaleLease
from engine.model.ids import Epoch, JobId
from engine.model.job import Shape
from engine.model.outcome import Category, Trouble, Verdict
from engine.model.priority import Priority
from engine.model.snapshot import LaneKey
from engine.model.spec import Surroundings
from engine.model.states import Phase, State
from engine.model.worker import Queue
from engine.store.protocol import Store, Unit, WorkerMove, Written
from tests.engine.store.author import Author, move_of, new_of, spec_with, told
from tests.kit.build import NOW, SECOND, a_job, a_lease, a_worker, an_attempt


async def test_a_job_comes_back_as_it_was_given(author: Author) -> None:
    trouble = Trouble(category=Category.LOST, code="lost", message="gone", details={"a": [1]})
    job = a_job("echo", "ünï", id=await author.store.reserve_ids(1), name="n", tags=("x", "y"))
    now = replace(job.now, trouble=trouble, needs_operator=True, held_by="ann", unmet=2)
    answer = await author.write(author.submission(job.with_progress(now)))
    assert isinstance(answer, Written)
    assert await author.job(job.id) == job.with_progress(replace(now, version=1))


async def test_jobs_come_in_the_order_asked_for(author: Author) -> None:
    one, two, three = [await author.submit() for _ in range(3)]
    assert await author.store.jobs([three.id, JobId(99), one.id]) == [three, one]
    assert await author.store.job(JobId(99)) is None
    assert two.id == one.id + 1


async def test_the_last_event_is_the_version_and_carries_the_image(author: Author) -> None:
    job = await author.submit()
    unit = author.unit(told(job.id), told(job.id), moves=[move_of(job, note="seen")])
    written = await author.write(unit)
    assert isinstance(written, Written)
    first, second = written.events
    assert written.versions == {job.id: second.seq}
    assert "now" not in first.data
    assert second.data["now"] == {
        "state": "queued",
        "queue": "default",
        "priority": 2,
        "version": second.seq,
        "queued_at": NOW,
        "state_at": NOW,
        "note": "seen",
    }
    assert (await author.job(job.id)).now == replace(job.now, version=second.seq, note="seen")


async def test_the_log_reads_as_it_was_answered(author: Author) -> None:
    job = a_job(id=await author.store.reserve_ids(1))
    answers = await author.store.write([author.submission(job), author.unit(told(None))])
    events = [e for answer in answers if isinstance(answer, Written) for e in answer.events]
    assert await author.store.events(0, 10) == events
    assert [event.seq for event in events] == [1, 2]
    assert await author.store.events(0, 10, job=job.id) == events[:1]
    assert await author.store.last_events(2, 10) == events[:1]
    assert await author.store.last_events(10, 1) == events[1:]
    assert await author.store.last_events(10, 9, job=job.id) == events[:1]
    assert await author.store.head() == 2


@pytest.mark.parametrize(
    "seen", [{"version": 99}, {"version": 0}, {"state": State.RUNNING}], ids=str
)
async def test_a_stale_move_changes_nothing(author: Author, seen: dict[str, Any]) -> None:
    job = await author.submit()
    stale = job.with_progress(replace(job.now, **seen))
    assert isinstance(await author.write(author.moving(stale, note="late")), StaleLease)
    assert await author.job(job.id) == job
    assert await author.store.head() == 1


async def test_ten_at_once_have_one_winner(author: Author) -> None:
    job = await author.submit()
    units = [author.moving(job, note=f"by {n}") for n in range(10)]
    answers = await asyncio.gather(*(author.store.write([unit]) for unit in units))
    winners = [answer for [answer] in answers if isinstance(answer, Written)]
    assert len(winners) == 1
    assert sum(isinstance(answer, StaleLease) for [answer] in answers) == 9
    assert len(await author.store.events(0, 99, job=job.id)) == 2


async def test_a_refused_unit_does_not_hurt_its_neighbours(author: Author) -> None:
    one, two, three = [await author.submit() for _ in range(3)]
    stale = two.with_progress(replace(two.now, version=99))
    answers = await author.store.write(
        [
            author.moving(one, note="first"),
            author.unit(
                told(three.id),
                told(two.id),
                moves=[move_of(three, note="never"), move_of(stale, note="never")],
            ),
            author.moving(two, note="third"),
        ]
    )
    assert [type(answer) for answer in answers] == [Written, StaleLease, Written]
    notes = [(await author.job(job.id)).now.note for job in (one, two, three)]
    assert notes == ["first", "third", ""]
    assert [event.seq for event in await author.store.events(0, 99)] == [1, 2, 3, 4, 5]


async def test_one_job_may_move_twice_in_one_commit(author: Author) -> None:
    job = await author.submit()
    then = job.with_progress(replace(job.now, version=2, note="one"))
    answers = await author.store.write(
        [author.moving(job, note="one"), author.moving(then, note="two")]
    )
    assert all(isinstance(answer, Written) for answer in answers)
    assert (await author.job(job.id)).now.note == "two"


async def test_unchanged_jobs_are_compared_too(author: Author) -> None:
    job, other = await author.submit(), await author.submit()
    fine = author.unit(told(job.id), moves=[move_of(job)], unchanged=[(other.id, 2)])
    assert isinstance(await author.write(fine), Written)
    job = await author.job(job.id)
    await author.move(other, note="changed")
    late = author.unit(told(job.id), moves=[move_of(job)], unchanged=[(other.id, 2)])
    assert isinstance(await author.write(late), StaleLease)


async def test_an_older_epoch_may_not_write(author: Author) -> None:
    job = await author.submit()
    newer = Author(author.store, await author.store.take_over(NOW))
    assert newer.epoch == author.epoch + 1
    assert isinstance(await author.write(author.moving(job)), StaleEpoch)
    assert isinstance(await newer.write(newer.moving(job)), Written)


async def test_an_epoch_of_the_future_may_not_write(author: Author) -> None:
    early = Author(author.store, Epoch(author.epoch + 1))
    assert isinstance(await early.write(early.unit(told(None))), StaleEpoch)


async def test_a_job_has_one_live_lease(author: Author) -> None:
    job, attempt = await author.grant(await author.submit())
    again = await author.write(author.granting(job, number=2))
    assert isinstance(again, StaleLease)
    assert await author.store.attempts(job.id) == [attempt]
    assert [lease.attempt for lease in await author.store.leases()] == [attempt.id]


@pytest.mark.parametrize("seen", [{"phase": Phase.STARTING}, {"epoch": Epoch(99)}], ids=str)
async def test_a_stale_attempt_changes_nothing(author: Author, seen: dict[str, Any]) -> None:
    _, attempt = await author.grant(await author.submit())
    late = author.attempt_moving(replace(attempt, **seen), phase=Phase.ENDED)
    assert isinstance(await author.write(late), StaleLease)
    assert [found for found, _ in await author.store.open_attempts()] == [attempt]


async def test_an_attempt_lives_and_ends(author: Author) -> None:
    job, attempt = await author.grant(await author.submit())
    assert await author.store.open_attempts() == [(attempt, job)]
    await author.write(author.attempt_moving(attempt, pid=4711, ident="host/boot"))
    [running] = await author.store.attempts(job.id)
    assert (running.phase, running.pid, running.ident) == (Phase.RUNNING, 4711, "host/boot")
    ended = author.attempt_moving(running, phase=Phase.ENDED, verdict=Verdict.LOST)
    await author.write(Unit(**{**_fields(ended), "ended_leases": [attempt.id]}))
    assert await author.store.open_attempts() == []
    assert await author.store.leases() == []


def _fields(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in Unit.__slots__}


async def test_a_lease_follows_its_attempt_into_a_new_epoch(author: Author) -> None:
    _, attempt = await author.grant(await author.submit())
    newer = Author(author.store, await author.store.take_over(NOW))
    assert await newer.store.renew([attempt.id], newer.epoch, NOW, NOW + SECOND) == 0
    await newer.write(newer.attempt_moving(attempt, epoch=newer.epoch))
    assert await newer.store.renew([attempt.id], newer.epoch, NOW + 1, NOW + SECOND) == 1
    [lease] = await newer.store.leases()
    assert (lease.epoch, lease.renewed_at, lease.expires_at) == (2, NOW + 1, NOW + SECOND)
    [moved] = await newer.store.attempts(attempt.job)
    assert moved.evidence_at == NOW + 1


async def test_a_lease_can_end_and_begin_in_one_unit(author: Author) -> None:
    job, attempt = await author.grant(await author.submit())
    second = an_attempt(job, number=2, epoch=author.epoch)
    unit = author.unit(
        told(job.id),
        moves=[move_of(job, attempt=second.id)],
        ended_leases=[attempt.id],
        new_attempts=[(second, a_lease(second))],
    )
    assert isinstance(await author.write(unit), Written)
    assert [lease.attempt for lease in await author.store.leases()] == [second.id]


async def test_a_live_key_belongs_to_one_job(author: Author) -> None:
    first = await author.submit(key="nightly")
    other = await author.submit(key="nightly", tenant="other")
    again = a_job(id=await author.store.reserve_ids(1), key="nightly")
    answer = await author.write(author.submission(again))
    assert isinstance(answer, KeyTaken)
    assert answer.details == {"job": first.id}
    assert other.spec.key == "nightly"
    await author.end(first)
    assert isinstance(await author.write(author.submission(again)), Written)


async def test_a_job_does_not_come_back_while_its_key_is_taken(author: Author) -> None:
    first = await author.end(await author.submit(key="nightly"))
    second = await author.submit(key="nightly")
    answer = await author.write(author.moving(first, state=State.QUEUED))
    assert isinstance(answer, KeyTaken)
    assert answer.details == {"job": second.id}


async def test_a_submission_is_remembered_by_its_key(author: Author) -> None:
    job = a_job(id=await author.store.reserve_ids(1))
    unit = Unit(**{**_fields(author.submission(job)), "requests": [("abc", job.id, job.id)]})
    assert await author.store.request("abc") is None
    assert isinstance(await author.write(unit), Written)
    assert await author.store.request("abc") == (job.id, job.id)
    repeated = a_job(id=await author.store.reserve_ids(1))
    twice = {**_fields(author.submission(repeated)), "requests": unit.requests}
    assert isinstance(await author.write(Unit(**twice)), KeyTaken)
    assert await author.store.job(repeated.id) is None


async def test_ids_are_contiguous_and_never_given_twice(author: Author) -> None:
    assert [await author.store.reserve_ids(3), await author.store.reserve_ids(2)] == [1, 4]
    await author.submit()
    await author.store.take_over(NOW)
    assert await author.store.reserve_ids(1) == 7


async def test_shapes_and_surroundings_are_stored_once(author: Author) -> None:
    shape, place = Shape(gpu=1, labels=("a",)), Surroundings(cwd="/x", env={"A": "ü"})
    key, other = (
        await author.store.intern_shape(shape),
        await author.store.intern_shape(Shape()),
    )
    assert key != other
    assert await author.store.intern_shape(shape) == key
    assert await author.store.shapes() == {key: shape, other: Shape()}
    at = await author.store.intern_surroundings(place)
    assert await author.store.intern_surroundings(place) == at
    assert await author.store.surroundings(at) == place


async def test_a_queue_is_changed_by_who_saw_it_last(author: Author) -> None:
    made = author.unit(told(None), queues=[(0, Queue(name="slow", limit=2))])
    assert isinstance(await author.write(made), Written)
    assert isinstance(await author.write(made), StaleLease)
    paused = Queue(name="slow", limit=2, paused_by="ann", paused_why="disk", paused_at=NOW)
    assert isinstance(
        await author.write(author.unit(told(None), queues=[(1, paused)])), Written
    )
    assert isinstance(
        await author.write(author.unit(told(None), queues=[(1, paused)])), StaleLease
    )
    assert await author.store.queues() == [replace(paused, version=2)]


def a_worker_move(name: str, was: int = 0, **fields: Any) -> WorkerMove:
    return WorkerMove(name=name, was_version=was, now=a_worker(name, **fields))


@pytest.mark.parametrize("env", [{"HOME": "/caf\udce9"}, {"HOME": "ok"}])
async def test_what_cannot_be_stored_harms_no_other(author: Author, env: Any) -> None:
    fine = [author.unit(told(None), workers=[a_worker_move(name)]) for name in ("a", "z")]
    odd = author.unit(told(None), workers=[a_worker_move("odd", env=env)])
    first, refused, last = await author.store.write([fine[0], odd, fine[1]])
    assert isinstance(first, Written)
    assert isinstance(last, Written)
    is_odd = env["HOME"] != "ok"
    assert isinstance(refused, InvalidSpec if is_odd else Written)
    names = {worker.name for worker in await author.store.workers()}
    assert names == {"a", "z"} if is_odd else {"a", "odd", "z"}


async def test_a_worker_is_changed_by_who_saw_it_last(author: Author) -> None:
    made = author.unit(told(None), workers=[a_worker_move("w2"), a_worker_move("w1")])
    assert isinstance(await author.write(made), Written)
    assert isinstance(await author.write(made), StaleLease)
    drained = author.unit(told(None), workers=[a_worker_move("w1", 1, draining=True)])
    assert isinstance(await author.write(drained), Written)
    seq = await author.store.head()
    assert isinstance(await author.write(drained), StaleLease)
    late = a_worker_move("w3", 4)
    assert isinstance(await author.write(author.unit(told(None), workers=[late])), StaleLease)
    assert await author.store.head() == seq
    assert await author.store.workers() == [
        a_worker("w1", draining=True, version=2),
        a_worker("w2", version=1),
    ]


async def test_a_worker_is_removed_by_who_saw_it_last(author: Author) -> None:
    await author.write(author.unit(told(None), workers=[a_worker_move("w")]))
    await author.write(author.unit(told(None), workers=[a_worker_move("w", 1)]))
    late = author.unit(told(None), workers=[WorkerMove(name="w", was_version=1)])
    assert isinstance(await author.write(late), StaleLease)
    assert len(await author.store.workers()) == 1
    gone = author.unit(told(None), workers=[WorkerMove(name="w", was_version=2)])
    assert isinstance(await author.write(gone), Written)
    assert await author.store.workers() == []
    assert isinstance(await author.write(gone), StaleLease)


async def test_lanes_hold_what_can_be_granted_first_come_first(author: Author) -> None:
    slow = await author.submit(priority=Priority.LOW)
    jobs = [await author.submit() for _ in range(6)]
    await author.grant(jobs[1])
    await author.move(jobs[2], held_by="ann")
    await author.move(jobs[3], cancel_at=NOW)
    await author.move(jobs[4], state=State.PENDING)
    edited = await author.move(jobs[5], queue="other")
    lane = LaneKey("default", Priority.NORMAL, "default", jobs[0].shape)
    low, other = lane._replace(priority=Priority.LOW), lane._replace(queue="other")
    assert await author.store.lanes() == [lane, low, other]
    assert await author.store.lane(lane, JobId(0), 9) == [jobs[0]]
    assert await author.store.lane(low, JobId(0), 9) == [slow]
    assert await author.store.lane(other, JobId(0), 9) == [edited]
    assert await author.store.lane(other, edited.id, 9) == []


async def test_a_lane_is_read_in_pieces(author: Author) -> None:
    jobs = [await author.submit() for _ in range(5)]
    lane = LaneKey("default", Priority.NORMAL, "default", jobs[0].shape)
    assert await author.store.lane(lane, JobId(0), 2) == jobs[:2]
    assert await author.store.lane(lane, jobs[1].id, 9) == jobs[2:]


async def test_due_is_what_waits_for_the_clock(author: Author) -> None:
    assert await author.store.next_due_at() is None
    waking = await author.submit(state=State.RETRYING, now={"wake_at": NOW + 30})
    blocked = await author.submit(state=State.PENDING, now={"wake_at": NOW + 1, "unmet": 1})
    canceled = await author.submit(now={"cancel_at": NOW + 20})
    late = await _with_deadline(author, NOW + 10)
    running = await author.grant(await _with_deadline(author, NOW + 5))
    assert await author.store.next_due_at() == NOW + 10
    assert await author.store.due(NOW + 9, 9) == []
    assert await author.store.due(NOW + 30, 9) == [late, canceled, waking]
    assert await author.store.due(NOW + 30, 1) == [late]
    awake = await author.move(blocked, unmet=0)
    assert await author.store.due(NOW + 1, 9) == [awake]
    assert running[0].now.attempt is not None


async def _with_deadline(author: Author, deadline_at: int) -> Any:
    job = a_job(id=await author.store.reserve_ids(1))
    limits = replace(job.spec.constraints, deadline_at=deadline_at)
    job = replace(job, spec=spec_with(job, constraints=limits))
    await author.write(author.submission(job))
    return await author.job(job.id)


async def _depending(author: Author, *on: JobId, unmet: int) -> Any:
    job = a_job(id=await author.store.reserve_ids(1), state=State.PENDING, now={"unmet": unmet})
    needs = replace(job.spec.constraints, depends_on=on)
    job = replace(job, spec=spec_with(job, constraints=needs))
    assert isinstance(await author.write(author.submission(job)), Written)
    return await author.job(job.id)


async def test_a_job_hears_when_what_it_waits_for_has_ended(author: Author) -> None:
    one, two = await author.submit(), await author.submit()
    waiting = await _depending(author, one.id, two.id, unmet=2)
    assert await author.store.dependents(one.id, 9) == [waiting]
    assert await author.store.dependencies(waiting.id) == [one, two]
    assert await author.store.settled_dependencies(9) == []
    await author.end(one)
    assert await author.store.settled_dependencies(9) == [waiting]
    waiting = await author.move(waiting, unmet=1)
    assert await author.store.settled_dependencies(9) == []
    await author.end(two, State.FAILED)
    assert await author.store.settled_dependencies(9) == [waiting]
    skipped = await author.move(waiting, state=State.SKIPPED)
    assert await author.store.settled_dependencies(9) == []
    assert await author.store.dependents(one.id, 9) == []
    assert await author.store.followers(one.id, 9) == [skipped]


async def test_the_first_of_those_that_follow_a_job_are_told_by_id(author: Author) -> None:
    one, other = await author.submit(), await author.submit()
    following = [await _depending(author, one.id, unmet=1) for _ in range(3)]
    await _depending(author, other.id, unmet=1)
    assert await author.store.followers(one.id, 2) == following[:2]
    assert await author.store.followers(following[0].id, 9) == []


async def test_an_end_is_not_missed_while_another_is_taken_in(author: Author) -> None:
    one, two, three = [await author.submit() for _ in range(3)]
    waiting = await _depending(author, one.id, two.id, three.id, unmet=3)
    await author.end(one)
    await author.end(two)
    late = await author.move(waiting, unmet=2)
    assert await author.store.settled_dependencies(9) == [late]
    late = await author.move(late, unmet=1)
    assert await author.store.settled_dependencies(9) == []
    await author.end(three, State.CANCELED)
    assert await author.store.settled_dependencies(9) == [late]


async def test_an_end_before_the_submission_is_heard_too(author: Author) -> None:
    failed = await author.end(await author.submit(), State.FAILED)
    done = await author.end(await author.submit())
    running = await author.submit()
    doomed = await _depending(author, failed.id, unmet=1)
    stale = await _depending(author, done.id, running.id, unmet=2)
    patient = await _depending(author, done.id, running.id, unmet=1)
    assert await author.store.settled_dependencies(9) == [doomed, stale]
    assert patient.now.unmet == 1


async def test_a_store_in_order_has_nothing_to_say(author: Author, store: Store) -> None:
    await author.grant(await author.submit())
    await author.end(await author.submit())
    assert await store.check() == []
    assert len(await store.controller()) == 12
    assert new_of(await author.job(JobId(1))).now.version == 0
