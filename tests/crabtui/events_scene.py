"""A world in which much has happened: half an hour of work, a full disk, a lost worker."""

from typing import Any

from engine.clock import Clock
from engine.model.events import Event, EventType
from tests.crabtui.scenes import busy_world
from tests.kit.fake_world import S, World
from tests.kit.past_world import Remembered

T = EventType
DISK = "exit 1"


def eventful_world(clock: Clock | None = None) -> World:
    """The busy world with a log of half an hour, the same each time."""
    world = busy_world(clock)
    now = world.clock.now()
    told: list[tuple[int, dict[str, Any]]] = []

    def add(ago_s: float, kind: EventType, **fields: Any) -> None:
        told.append((now - int(ago_s * S), {"type": kind, **fields}))

    for n in range(110):
        job, ago = 100 + n, 1_790 - n * 16
        add(ago, T.JOB_SUBMITTED, job=job, actor="ana", tenant="lab")
        add(ago - 1, T.ATTEMPT_INTENT, job=job, worker="gpu-02", tenant="lab")
        add(ago - 1.2, T.JOB_STARTED, job=job, worker="gpu-02", tenant="lab")
        if n % 13 == 7:
            add(ago - 9, T.JOB_RETRY, job=job, cause="exit 75", data={"delay_ms": 30_000})
        add(ago - 11, T.JOB_COMPLETED, job=job, worker="gpu-02", cause="exit 0")
    for n, ago in enumerate((913, 911.5, 907, 902, 899)):
        full = {"error": "No space left on device"}
        add(ago, T.JOB_FAILED, job=8_471 - n, worker="gpu-05", cause=DISK, data=full)
    add(912, T.WORKER_DISCONNECTED, worker="gpu-05", cause="connection reset by peer")
    add(896, T.QUEUE_LIMITED, actor="ana", data={"queue": "gpu", "limit": 6, "weight": 1})
    add(120, T.JOB_FAILED, job=208, worker="gpu-01", cause="exit 137", data={"signal": 9})
    add(64, T.DAEMON_CONFIGURED, cause="config.toml was read again")
    told.sort(key=lambda each: each[0])
    world.events = [
        Event(seq=n, at=at, **fields)  # type: ignore[arg-type]
        for n, (at, fields) in enumerate(told, 1)
    ]
    return world


def with_a_past(world: World) -> World:
    """The world, whose past can be gone to; of jobs and queues it is as they are now."""
    past = Remembered(world)
    past._at[past.keep()] = world.clock.now() - 24 * 3_600 * S
    return world
