"""What others take of a worker is given to nobody, and the reason is told."""

from collections.abc import Hashable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.burden import NO_BURDEN, Burden
from engine.model.job import Job
from engine.model.reasons import Gate, GateKind
from engine.model.resources import Resources
from engine.model.rules import DEFAULT_RULES, Rules
from engine.model.snapshot import Room, Snapshot
from engine.policy.readiness import Case
from engine.policy.scheduling.packing import SLOTS, Fleet, fleet_of
from engine.policy.scheduling.placement import (
    fits_beside_others,
    free,
    room_without,
    shortage,
    taking,
)
from engine.policy.scheduling.scheduler import schedule
from engine.policy.shapes import shape_of
from engine.policy.why.room_gates import fit_gate, shorts
from tests.kit.build import a_holder, a_job, a_snapshot, a_worker

HELD = Burden(gpus=0b10, devices={1: "is used by somebody else (12 GB)"})
FULL = Burden(memory_mb=14_000)
BUSY = Burden(overload="a load of 17.2, over its most of 16")


def a_burdened(burden: Burden) -> Room:
    worker = a_worker("a", capacity=Resources(cpu_milli=8000, memory_mb=16_000, gpu=2))
    return Room(worker, {}, 0, burden.gpus, burden)


def asking(**resources: int) -> Job:
    return a_job(resources=Resources(**resources))


def case_of(job: Job, room: Room) -> Case:
    return Case(job, shape_of(job.spec), snapshot_of(job, room))


def snapshot_of(job: Job, room: Room) -> Snapshot:
    return replace(a_snapshot(job), rooms={"a": room})


def gate_of(job: Job, burden: Burden) -> Gate:
    return fit_gate(case_of(job, a_burdened(burden)))


@pytest.mark.parametrize(
    ("burden", "fits", "waits"),
    [
        (HELD, {"gpu": 1}, {"gpu": 2}),
        (FULL, {"memory_mb": 2_000}, {"memory_mb": 2_001}),
    ],
)
def test_only_what_is_left_is_given(
    burden: Burden, fits: dict[str, int], waits: dict[str, int]
) -> None:
    room = a_burdened(burden)
    for asked, starts in ((fits, True), (waits, False)):
        job = asking(**asked)
        assert bool(schedule(snapshot_of(job, room)).starts) is starts, asked
        assert bool(shortage(shape_of(job.spec), room)) is not starts


def test_an_overloaded_host_gets_nothing_new() -> None:
    job = asking()
    assert not schedule(snapshot_of(job, a_burdened(BUSY))).starts
    gate = gate_of(job, BUSY)
    assert not gate.ok
    assert "`a` has a load of 17.2, over its most of 16" in gate.text


def test_devices_of_others_are_not_chosen() -> None:
    held = Burden(gpus=0b01, devices={0: "does not answer"})
    (start,) = schedule(snapshot_of(asking(gpu=1), a_burdened(held))).starts
    assert start.gpus == (1,)


def test_the_reason_names_them() -> None:
    gate = gate_of(asking(gpu=2), HELD)
    assert gate.kind is GateKind.FIT
    assert gate.text == (
        "no room: asks 2 gpu; `a` has 1 gpu free: device 1 is used by somebody else (12 GB)"
    )
    gate = gate_of(asking(memory_mb=4_000), FULL)
    assert gate.text == (
        "no room: asks 4000 MB memory; `a` has 2000 MB memory free: others use 14000 MB there"
    )
    (short,) = shorts(case_of(asking(gpu=2), a_burdened(HELD)))
    assert short.text == "1 gpu short (device 1 is used by somebody else (12 GB))"


def test_many_devices_are_not_all_named() -> None:
    all_gone = Burden(gpus=0b11, devices=dict.fromkeys(range(6), "does not answer"))
    assert gate_of(asking(gpu=1), all_gone).text.endswith("device 3 does not answer, 2 more")


def test_the_end_of_ours_does_not_end_what_others_do() -> None:
    ours = asking(gpu=2, memory_mb=2_000)
    room = taking(a_burdened(HELD), shape_of(ours.spec), [0, 1])
    left = room_without(room, [replace(a_holder(ours), gpus=(0, 1), amounts=(("gpu", 2),))])
    assert (left.gpus_taken, left.burden) == (0b10, HELD)


@pytest.mark.parametrize("burden", [HELD, FULL, BUSY])
def test_both_ways_to_count_agree(burden: Burden) -> None:
    room = a_burdened(burden)
    fleet = fleet_of([room], DEFAULT_RULES)
    for asked in ({"gpu": 1}, {"gpu": 2}, {"memory_mb": 2000}, {"memory_mb": 2001}, {}):
        shape = shape_of(asking(**asked).spec)
        left = fleet.left(room) | fleet.guards
        packed = (left - fleet.demand(shape).need) & fleet.guards == fleet.guards
        assert packed is not bool(shortage(shape, room)), asked
    assert free(room, "memory_mb") == 16_000 - burden.memory_mb


@pytest.mark.parametrize("burden", [HELD, FULL, BUSY])
def test_no_room_is_kept_where_others_may_never_leave(burden: Burden) -> None:
    room, every = a_burdened(burden), asking(gpu=2, memory_mb=16_000)
    assert not fits_beside_others(shape_of(every.spec), room)
    head = asking(gpu=2, memory_mb=16_000)
    rules = Rules(reserve_after_grants=1)
    snapshot = replace(snapshot_of(head, room), rules=rules)
    for _ in range(3):
        small = asking(cpu_milli=100)
        snapshot = replace(snapshot, lanes=a_snapshot(head, small).lanes)
        plan = schedule(snapshot)
        assert bool(plan.starts) is not bool(burden.overload)
        assert not plan.carried.reservations
        snapshot = replace(snapshot, carried=plan.carried)


def test_room_is_kept_where_ours_alone_are_in_the_way() -> None:
    room = a_burdened(NO_BURDEN)
    head, ours = asking(gpu=2, memory_mb=16_000), asking(memory_mb=1_000)
    room = taking(room, shape_of(ours.spec))
    rules = Rules(reserve_after_grants=1)
    snapshot = replace(snapshot_of(head, room), rules=rules)
    kept = []
    for _ in range(3):
        small = asking(cpu_milli=100)
        plan = schedule(replace(snapshot, lanes=a_snapshot(head, small).lanes))
        kept += plan.carried.reservations
        snapshot = replace(snapshot, carried=plan.carried)
    assert {one.job for one in kept} == {head.id}


def test_a_worker_without_devices_has_memory_too() -> None:
    room = Room(a_worker("a", memory_mb=16_000), burden=FULL)
    assert schedule(snapshot_of(asking(memory_mb=2_000), room)).starts
    assert not schedule(snapshot_of(asking(memory_mb=2_001), room)).starts


def test_memory_of_others_on_a_worker_without_devices() -> None:
    worker = a_worker("a", capacity=Resources(cpu_milli=8000, memory_mb=16_000))
    room = Room(worker, {}, 0, 0, FULL)
    assert schedule(snapshot_of(asking(memory_mb=2_000), room)).starts
    assert not schedule(snapshot_of(asking(memory_mb=2_001), room)).starts


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_memory_that_others_use_is_not_left_where_there_are_no_devices(
    used: int, taken: int
) -> None:
    burden = Burden(memory_mb=used)
    worker = a_worker("a", capacity=Resources(cpu_milli=8000, memory_mb=16_000))
    fleet = Fleet([worker], DEFAULT_RULES)
    room = Room(worker, {"memory_mb": taken, "cpu_milli": 1000}, 1, 0, burden)
    memory_mb = max(0, 16_000 - used - taken)
    left: dict[Hashable, int] = {"memory_mb": memory_mb, "cpu_milli": 7000}
    left[SLOTS] = worker.slots - 1
    assert fleet.left(room) == fleet.pack(left)
