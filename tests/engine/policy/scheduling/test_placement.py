"""Which worker a shape may, could and should run on."""

import pytest

from engine.model.job import Shape
from engine.model.resources import Resources
from engine.model.rules import Rules
from engine.model.spec import Constraints
from engine.model.worker import BreakerState, Health, Worker
from engine.policy.scheduling.packing import fleet_of
from engine.policy.scheduling.placement import (
    best_worker,
    could_ever_hold,
    could_hold,
    fits,
    is_open,
    may_run,
    missing_backend,
    nearest_fit,
    shortage,
    taking,
)
from engine.policy.shapes import shape_of
from tests.kit.build import a_room, a_spec, a_worker


def shape(**fields: object) -> Shape:
    return shape_of(a_spec(**fields))


GPU = a_worker("gpu", capacity=Resources(cpu_milli=4000, gpu=2, gpu_type="A100"))
PLAIN = a_worker("plain", cpu=2, labels=("linux",))


@pytest.mark.parametrize(
    ("asked", "workers"),
    [
        (shape(), {"gpu", "plain"}),
        (shape(cpu=3), {"gpu"}),
        (shape(gpu=1), {"gpu"}),
        (shape(resources=Resources(gpu=1, gpu_type="A100")), {"gpu"}),
        (shape(resources=Resources(gpu=1, gpu_type="H100")), set()),
        (shape(resources=Resources(storage_mb=1)), set()),
        (shape(resources=Resources(custom=(("licence", 1),))), set()),
        (shape(constraints=Constraints(required_labels=("linux",))), {"plain"}),
        (shape(constraints=Constraints(required_workers=("gpu", "x"))), {"gpu"}),
        (shape(constraints=Constraints(excluded_workers=("gpu",))), {"plain"}),
        (Shape(backends=("ssh",)), set()),
        (Shape(not_backends=("local",)), set()),
    ],
)
def test_who_could_hold_it(asked: Shape, workers: set[str]) -> None:
    assert {one.name for one in (GPU, PLAIN) if could_hold(asked, one)} == workers
    assert could_ever_hold(asked, (GPU, PLAIN)) == bool(workers)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (shape(cpu=64), "asks 64 cpu; the largest worker, `gpu`, has 4"),
        (
            shape(cpu=3, gpu=1, memory_mb=9000),
            "asks 9000 MB memory; the largest worker, `plain`",
        ),
        (shape(cpu=3, memory_mb=1), "asks 1 MB memory; the nearest worker, `gpu`, has 0"),
        (shape(gpu=3), "asks 3 gpu; the largest worker, `gpu`, has 2"),
        (
            shape(constraints=Constraints(required_workers=("gone",))),
            "wants worker `gone`; there is `gpu`, `plain`",
        ),
        (
            shape(constraints=Constraints(required_labels=("mac",))),
            "wants label `mac`; no worker has it",
        ),
        (Shape(backends=("ssh",)), "wants backend `ssh`; there is `local`"),
        (Shape(gpu=1, gpu_type="H100"), "wants a GPU of type `H100`; no worker has one"),
        (
            shape(
                constraints=Constraints(required_labels=("linux",), excluded_workers=("plain",))
            ),
            "its constraints together leave none of `gpu`, `plain`",
        ),
    ],
)
def test_the_nearest_fit_says_what_is_missing(asked: Shape, why: str) -> None:
    assert not could_ever_hold(asked, (GPU, PLAIN))
    assert nearest_fit(asked, (GPU, PLAIN)).startswith(why)


def test_without_workers_or_slots_nothing_fits() -> None:
    assert nearest_fit(shape(), ()) == "there is no worker"
    none = a_worker(slots=0)
    assert not could_ever_hold(shape(), (none,))
    assert nearest_fit(shape(), (none,)) == "no worker that it may use has a slot"


@pytest.mark.parametrize(
    ("worker", "takes"),
    [
        (a_worker(), True),
        (a_worker(draining=True), False),
        (a_worker(health=Health.DEGRADED), False),
        (a_worker(health=Health.DOWN), False),
        (a_worker(quarantined="it fails everything"), False),
        (a_worker(breaker=BreakerState.OPEN, permits=0), False),
        (a_worker(breaker=BreakerState.HALF_OPEN, permits=1), True),
    ],
)
def test_only_workers_that_are_well_and_trusted_take_work(worker: Worker, takes: bool) -> None:
    assert is_open(worker) is takes
    assert best_worker(shape(), {worker.name: a_room(worker)}) == ("local" if takes else None)


def test_room_shrinks_exactly_by_what_is_asked() -> None:
    room = a_room(a_worker(cpu=2, memory_mb=100, slots=9))
    asked = shape(cpu=1, memory_mb=60)
    once = taking(room, asked)
    assert (once.taken, once.slots_taken) == ({"cpu_milli": 1000, "memory_mb": 60}, 1)
    assert fits(asked, room)
    assert not fits(asked, once)
    assert shortage(asked, once) == {"memory_mb": (60, 40)}


def test_the_most_free_is_first_then_the_smaller_name() -> None:
    rooms = {
        "b": a_room(a_worker("b"), cpu_milli=1000),
        "c": a_room(a_worker("c")),
        "a": a_room(a_worker("a"), memory_mb=7000),
    }
    assert best_worker(shape(), rooms) == "c"
    del rooms["c"]
    assert best_worker(shape(), rooms) == "b"
    assert best_worker(shape(), {"z": a_room(a_worker("z")), "y": a_room(a_worker("y"))}) == "y"


def test_wishes_come_before_room() -> None:
    rooms = {
        "busy": a_room(a_worker("busy", backend="ssh"), cpu_milli=3000),
        "idle": a_room(a_worker("idle")),
    }
    assert (
        best_worker(shape(constraints=Constraints(preferred_workers=("busy",))), rooms)
        == "busy"
    )
    assert (
        best_worker(shape(constraints=Constraints(preferred_backends=("ssh",))), rooms)
        == "busy"
    )
    assert (
        best_worker(shape(cpu=2, constraints=Constraints(preferred_workers=("busy",))), rooms)
        == "idle"
    )


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Shape(), ""),
        (Shape(backends=("local", "ssh")), ""),
        (Shape(backends=("ssh",)), "wants backend `ssh`; there is `local` and `pool`"),
        (
            Shape(not_backends=("local", "pool")),
            "excludes backend `local` or `pool`; there is no other",
        ),
        (Shape(work="tool_call"), ""),
        (
            Shape(work="stage"),
            "no worker's backend runs jobs of kind `stage`; there is `local` and `pool`",
        ),
        (
            Shape(backends=("pool",)),
            "no worker's backend runs commands; there is `local` and `pool`",
        ),
    ],
)
def test_no_backend_says_what_there_is(asked: Shape, why: str) -> None:
    workers = (a_worker(), a_worker("tools", backend="pool", runs=("tool_call",)))
    assert missing_backend(asked, workers) == why
    assert could_ever_hold(asked, workers) == (not why)


def test_work_goes_where_it_is_supported() -> None:
    tools = a_worker("tools", runs=("tool_call",))
    assert not may_run(Shape(), tools)
    assert may_run(Shape(work="tool_call"), tools)
    assert not may_run(Shape(work="tool_call"), a_worker())


def test_of_equal_workers_the_first_configured_comes_first() -> None:
    rooms = [a_room(a_worker(name)) for name in ("alpha", "beta", "mid", "zeta")]
    fleet = fleet_of(rooms, Rules(worker_order=("zeta", "gone", "mid")))
    assert [one.name for one in fleet.workers] == ["zeta", "mid", "alpha", "beta"]
