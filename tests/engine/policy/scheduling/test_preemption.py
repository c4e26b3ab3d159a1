"""Preemption: the cheapest attempts whose room would let an urgent job start."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from engine.model.ids import JobId
from engine.model.priority import Priority
from engine.model.snapshot import Holder, Room, Snapshot
from engine.policy.scheduling.placement import fits, room_without
from engine.policy.scheduling.preemption import displacements
from tests.kit.build import NOW, SECOND, a_job, a_lane, a_snapshot, a_worker


def held(
    job: int,
    cpu: int,
    *,
    priority: Priority = Priority.LOW,
    worker: str = "local",
    started: int = 0,
    is_preemptible: bool = True,
    is_stopping: bool = False,
) -> Holder:
    return Holder(
        JobId(job),
        worker,
        "default",
        None,
        NOW + started * SECOND,
        priority=priority,
        amounts=(("cpu_milli", cpu * 1000),),
        is_preemptible=is_preemptible,
        is_stopping=is_stopping,
    )


def busy(*holders: Holder, cpu: int = 4, workers: tuple[str, ...] = ("local",)) -> Snapshot:
    """A snapshot in which these hold what they hold, and a critical job of 4 cpu waits."""
    rooms = {}
    for name in workers:
        there = [one for one in holders if one.worker == name]
        taken = {"cpu_milli": sum(dict(one.amounts)["cpu_milli"] for one in there)}
        rooms[name] = Room(a_worker(name, cpu=cpu), taken, len(there))
    return a_snapshot(rooms=rooms, holders=holders)


def victims(snapshot: Snapshot, cpu: int = 4) -> list[int]:
    head = a_job(cpu=cpu, priority=Priority.CRITICAL)
    found = displacements(head, a_lane(head), snapshot)
    assert all(one.for_job == head.id for one in found)
    return [one.holder.job for one in found]


def test_one_large_holder_goes_rather_than_two_small_ones() -> None:
    on_both = [held(1, 2), held(2, 2), held(3, 4, worker="w1", priority=Priority.HIGH)]
    assert victims(busy(*on_both, workers=("local", "w1"))) == [3]


def test_of_equals_the_least_urgent_goes_then_the_youngest() -> None:
    holders = [
        held(1, 2, priority=Priority.NORMAL, started=9),
        held(2, 2, started=1),
        held(3, 2, started=5),
    ]
    assert victims(busy(*holders, cpu=6), cpu=2) == [3]


def test_who_is_not_preemptible_or_stops_already_or_is_as_urgent_stays() -> None:
    assert not victims(busy(held(1, 4, is_preemptible=False)))
    assert not victims(busy(held(1, 4, is_stopping=True)))
    assert not victims(busy(held(1, 4, priority=Priority.CRITICAL)))


def test_nobody_leaves_for_a_job_that_fits_or_never_will() -> None:
    assert not victims(busy(held(1, 1)), cpu=2)
    assert not victims(busy(held(1, 4)), cpu=5)


def test_a_draining_worker_is_not_emptied_for_others() -> None:
    snapshot = busy(held(1, 4))
    room = snapshot.rooms["local"]
    closed = Room(with_fields(room.worker, draining=True), room.taken, room.slots_taken)
    assert not victims(a_snapshot(rooms={"local": closed}, holders=snapshot.holders))


def test_devices_come_back_with_who_had_them() -> None:
    room = Room(a_worker(), {"gpu": 2}, 1, gpus_taken=0b101)
    holder = Holder(JobId(1), "local", "default", None, NOW, amounts=(("gpu", 2),), gpus=(0, 2))
    left = room_without(room, [holder])
    assert (left.taken["gpu"], left.slots_taken, left.gpus_taken) == (0, 0, 0)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(1, 8))
def test_the_victims_are_enough_and_none_of_them_could_stay(
    sizes: list[int], asked: int
) -> None:
    holders = [held(number, size) for number, size in enumerate(sizes, 1)]
    snapshot = busy(*holders, cpu=sum(sizes))
    head = a_job(cpu=asked, priority=Priority.CRITICAL)
    lane = a_lane(head)
    leaving = [one.holder for one in displacements(head, lane, snapshot)]
    room = snapshot.rooms["local"]
    assert fits(lane.shape, room_without(room, leaving)) == (asked <= sum(sizes))
    for spared in leaving:
        others = [one for one in leaving if one is not spared]
        assert not fits(lane.shape, room_without(room, others))
