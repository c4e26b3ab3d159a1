"""A world with workers in every condition: reached and not, held back, drained, on trial."""

from typing import Any

from engine.clock import Clock
from engine.control.views import LinkView, WorkerView
from engine.model.sight import Device, Sight
from tests.crabtui.scenes import busy_world
from tests.kit.fake_world import S, World

REFUSED = (
    "THE HOST KEY OF gpu-05:22 HAS CHANGED: it shows "
    "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDkEYlsr2jbHgKMQYk (ed25519), known is "
    "SHA256:AAAAztksCsDhcc0u9e8BgrJXVGDkEYlsr2jbHgKMQYk. Somebody may be in between. Only if "
    "you know that the host has this new key: crabtui workers reconnect gpu-05 --trust "
    "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDkEYlsr2jbHgKMQYk"
)


def fleet_world(clock: Clock | None = None) -> World:
    """The busy world with nine workers; #1 and #2 were last seen on one that is silent."""
    world = busy_world(clock)
    now = world.clock.now()
    world.workers = [_local(), *_reached(now), *_not_reached(now)]
    for job in (1, 2):
        world.change(job, worker_id="gpu-07", unreachable_at=now - 41 * S)
    return world


def _host(name: str, now: int, **fields: Any) -> WorkerView:
    link = {"state": "connected", "since_at": now - 3_600 * S, "round_trip_ms": 12.4}
    blank: dict[str, Any] = {
        "backend": "ssh",
        "address": f"crab@{name}:22",
        "health": "healthy",
        "draining": False,
        "slots": 8,
        "slots_taken": 0,
        "capacity": {"cpu_milli": 32_000, "memory_mb": 131_072, "storage_mb": 409_600},
        "taken": {},
        "seen_at": now - S,
        "registered_at": now - 86_400 * S,
        "boot": "5b1c0f6e-7a51",
        "drift_ms": -12,
        "limits": "rlimit",
        "origin": "command",
    }
    return WorkerView(
        name=name,
        link=LinkView(**{**link, **fields.pop("link", {})}),
        **{**blank, **fields},
    )


def _sight(now: int, **fields: Any) -> Sight:
    known = {
        "load": 18.4,
        "busy_percent": 58,
        "memory_free_mb": 24_900,
        "disk_free_mb": 310_000,
    }
    return Sight(at=now - S, **{**known, **fields})


def _local() -> WorkerView:
    return WorkerView(
        name="local",
        backend="local",
        health="healthy",
        draining=False,
        slots=4,
        slots_taken=1,
        capacity={"cpu_milli": 4_000, "memory_mb": 16_384, "storage_mb": 102_400},
        taken={"cpu_milli": 1_000, "memory_mb": 512},
        seen_at=None,
        limits="scope",
    )


def _reached(now: int) -> list[WorkerView]:
    return [
        _host(
            "gpu-01",
            now,
            slots_taken=2,
            capacity={"cpu_milli": 32_000, "memory_mb": 131_072, "gpu": 2},
            taken={"cpu_milli": 16_000, "memory_mb": 65_536, "gpu": 2},
            gpus_taken=(0, 1),
            gpu_types=("a100", "a100"),
            labels=("a100", "fast-disk"),
            sight=_sight(
                now,
                devices=(
                    Device(
                        index=0, kind="a100", memory_mb=40_960, used_mb=38_000, busy_percent=99
                    ),
                    Device(
                        index=1, kind="a100", memory_mb=40_960, used_mb=9_000, foreign_mb=8_192
                    ),
                ),
            ),
        ),
        _host("cpu-02", now, draining=True, slots_taken=2, waits_for=(3, 4), sight=_sight(now)),
        _host(
            "cpu-03",
            now,
            health="degraded",
            seen_at=now - 14 * S,
            link={"round_trip_ms": 840.0},
            drift_ms=-4_200,
            sight=_sight(now, busy_percent=96, load=61.0),
        ),
        _host("cpu-04", now, quarantined="11 of 11 jobs failed at once: bad disk?"),
        _host("cpu-05", now, breaker="open", health="healthy", sight=_sight(now)),
        _host("cpu-06", now, breaker="half-open", permits=2, sight=_sight(now, load=0.2)),
    ]


def _not_reached(now: int) -> list[WorkerView]:
    lost = {
        "state": "lost",
        "since_at": now - 41 * S,
        "next_try_at": now + 8 * S,
        "tries": 3,
        "error": "no answer for 15 s: the link to gpu-07:22 is cut",
        "round_trip_ms": None,
    }
    refused = {"state": "refused", "since_at": now - 600 * S, "error": REFUSED}
    return [
        _host(
            "gpu-07",
            now,
            health="down",
            slots_taken=2,
            taken={"cpu_milli": 16_000},
            seen_at=now - 41 * S,
            at_risk=(1, 2),
            link=lost,
            sight=_sight(now - 40 * S),
            address="crab@10.0.3.17:22",
        ),
        _host("gpu-05", now, health="down", seen_at=None, link=refused),
    ]
