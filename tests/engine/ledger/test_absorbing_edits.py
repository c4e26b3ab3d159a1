"""Edits that were committed: the working set has the job as it is now, and only there."""

import pytest
from msgspec.structs import replace

from engine.ledger.memory.lanes import lane_of
from engine.ledger.memory.working_set import WorkingSet
from engine.model.ids import Epoch
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.snapshot import LaneKey
from engine.policy.jobs.change import Change
from engine.policy.jobs.editing import edit, present_spec
from engine.policy.shapes import shape_of
from engine.store.protocol import JobEdit, JobMove, NewJob, Unit, Written
from tests.kit.build import NOW, a_job, shape_key

EPOCH = Epoch(1)


def absorbed_new(known: WorkingSet, job: Job) -> Job:
    new = NewJob(
        id=job.id,
        spec=job.spec,
        surroundings=job.surroundings,
        shape=job.shape,
        created_at=job.created_at,
        now=job.now,
    )
    [inside] = known.absorb(Unit(epoch=EPOCH, new_jobs=[new]), {}, Written((), {job.id: 1}))
    return inside


def absorbed_edit(known: WorkingSet, job: Job, change: Change) -> Job:
    """The job after the commit of an edit."""
    assert change.spec is not None
    assert change.shape is not None
    unit = Unit(
        epoch=EPOCH,
        moves=[JobMove(id=job.id, was=job.now, now=change.now, spec=job.spec)],
        edits=[JobEdit(id=job.id, spec=change.spec, shape=change.shape)],
    )
    written = Written((), {job.id: job.now.version + 1})
    [after] = known.absorb(unit, {job.id: job}, written)
    return after


def lanes_of(known: WorkingSet) -> dict[LaneKey, list[int]]:
    windows = known.lanes.windows.items()
    return {key: [job.id for job in window.jobs] for key, window in windows if window.jobs}


@pytest.mark.parametrize("is_resident", [True, False])
def test_an_edited_job_stands_in_its_new_lane_alone(is_resident: bool) -> None:
    known = WorkingSet(EPOCH)
    before, job = a_job(id=5), a_job(id=9)
    for one in (before, job):
        inside = absorbed_new(known, one)
    if not is_resident:
        known.lanes.discard(inside)
    wanted = replace(
        present_spec(inside),
        queue="gpu",
        priority=Priority.HIGH,
        resources=replace(inside.spec.resources, gpu=1),
    )
    shape = shape_key(shape_of(wanted))
    change = edit(inside, wanted, shape, NOW, "ana")
    assert change is not None
    after = absorbed_edit(known, inside, change)
    assert (after.spec.resources.gpu, after.shape) == (1, shape)
    assert (after.now.queue, after.now.priority) == ("gpu", Priority.HIGH)
    assert lanes_of(known) == {lane_of(inside): [5], lane_of(after): [9]}
    assert known.lanes.windows[lane_of(after)].shape == shape_of(wanted)
    assert known.backlog.depths["gpu"] == 1
    assert known.backlog.depths["default"] == 1
    assert known.counters.by_queue() == {"default": {"queued": 1}, "gpu": {"queued": 1}}
