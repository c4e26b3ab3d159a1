"""What a look at a host means for new work."""

from msgspec.structs import replace

from engine.ledger.memory.live import Live
from engine.ledger.memory.sights import FRESH_US, Sights
from engine.model.burden import NO_BURDEN
from engine.model.ids import AttemptId
from engine.model.resources import Resources
from engine.model.sight import Device, Sight, Usage
from engine.model.worker import Worker
from tests.kit.build import a_job, an_attempt

WORKER = Worker(name="a", capacity=Resources(cpu_milli=4000, memory_mb=16_000, gpu=2))
AT = 1_000_000_000


def a_live(memory_mb: int) -> Live:
    job = a_job(resources=Resources(memory_mb=memory_mb))
    return Live(an_attempt(job), job)


def device(index: int, foreign_mb: int = 0) -> Device:
    return Device(index=index, kind="A100", memory_mb=40_000, foreign_mb=foreign_mb)


def test_a_device_that_somebody_uses_is_not_free() -> None:
    sights = Sights()
    devices = (device(0, foreign_mb=64), device(1, foreign_mb=12_288))
    assert sights.saw(WORKER, Sight(at=AT, devices=devices), [])
    burden = sights.burden("a", AT)
    assert burden.gpus == 0b10
    assert burden.devices == {1: "is used by somebody else (12 GB)"}
    assert not sights.saw(WORKER, Sight(at=AT + 1, devices=devices), []), "nothing new"
    assert sights.saw(WORKER, Sight(at=AT + 2, devices=(device(0), device(1))), [])
    assert sights.burden("a", AT + 2) == NO_BURDEN


def test_a_device_that_vanished_is_not_free() -> None:
    sights = Sights()
    sights.saw(WORKER, Sight(at=AT, devices=(device(0), device(1))), [])
    sights.saw(WORKER, Sight(at=AT, devices=(device(0),)), [])
    assert sights.burden("a", AT).devices == {1: "does not answer"}
    sights.saw(WORKER, Sight(at=AT), [])
    assert sights.burden("a", AT).gpus == 0b11


def test_devices_told_by_hand_need_not_show_and_found_ones_must() -> None:
    sights = Sights()
    sights.saw(WORKER, Sight(at=AT), [])
    assert sights.burden("a", AT) == NO_BURDEN
    sights.saw(replace(WORKER, finds_gpus=True), Sight(at=AT), [])
    assert sights.burden("a", AT).gpus == 0b11, "as after a restart, while the driver hangs"


def test_memory_that_others_use_is_not_given_away() -> None:
    sights = Sights()
    sights.saw(WORKER, Sight(at=AT, memory_free_mb=10_000), [])
    assert sights.burden("a", AT).memory_mb == 6_000


def test_what_ours_use_of_what_they_asked_for_is_theirs() -> None:
    sights = Sights()
    modest, greedy = a_live(4_000), a_live(1_000)
    greedy.attempt = replace(greedy.attempt, id=AttemptId("9-9-9"))
    sights.measured(
        {
            modest.attempt.id: Usage(at=AT, cpu_ms=0, memory_mb=3_000, processes=1),
            greedy.attempt.id: Usage(at=AT, cpu_ms=0, memory_mb=5_000, processes=1),
        }
    )
    sights.saw(WORKER, Sight(at=AT, memory_free_mb=6_000), [modest, greedy, a_live(500)])
    assert sights.burden("a", AT).memory_mb == 16_000 - 6_000 - 3_000 - 1_000


def test_load_counts_where_a_most_is_set() -> None:
    sights = Sights()
    sights.saw(WORKER, Sight(at=AT, load=99.0), [])
    assert sights.burden("a", AT) == NO_BURDEN
    bounded = replace(WORKER, most_load=1.5)
    sights.saw(bounded, Sight(at=AT, load=6.0), [])
    assert sights.burden("a", AT) == NO_BURDEN
    sights.saw(bounded, Sight(at=AT, load=6.25), [])
    assert sights.burden("a", AT).overload == "a load of 6.2, over its most of 6"


def test_an_old_look_says_nothing() -> None:
    sights = Sights()
    sights.saw(WORKER, Sight(at=AT, memory_free_mb=0), [])
    assert sights.burden("a", AT + FRESH_US).memory_mb == 16_000
    assert sights.burden("a", AT + FRESH_US + 1) == NO_BURDEN
    assert sights.burden("b", AT) == NO_BURDEN
    sights.forget("a")
    assert sights.burden("a", AT) == NO_BURDEN
