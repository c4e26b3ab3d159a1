"""Worlds to look at: the same jobs in every test that shows a table."""

from typing import Any

from engine.clock import Clock
from engine.control.views import (
    AttemptView,
    Explanation,
    HolderView,
    MovedView,
    Preview,
    ReasonView,
    ShortView,
    UsualTimes,
    WorkerView,
)
from engine.model.reasons import Gate, GateKind
from tests.kit.fake_world import S, World

LOG = b"".join(b"step %d loss 0.%03d tok/s 41.%dk\n" % (n, 900 - n, n % 10) for n in range(400))


def busy_world(clock: Clock | None = None) -> World:
    """Two queues; jobs in every state; #1 runs with a log, #5 waits behind a limit."""
    world = World(clock)
    world.queue("gpu", limit=2, own=("limit",))
    ago = world.clock.now

    def add(name: str, state: str, age_s: int, **fields: Any) -> int:
        at = ago() - age_s * S
        times = {"created_at": at, "queued_at": at + S, "state_at": at + 2 * S}
        return world.add(name, state, **{**times, **fields}).id

    def ran(age_s: int, took_s: int) -> dict[str, int]:
        began = ago() - age_s * S
        return {"started_at": began, "state_at": began + took_s * S}

    def ended(age_s: int, took_s: int, **fields: Any) -> dict[str, Any]:
        times = ran(age_s, took_s)
        return times | {"completed_at": times["state_at"], "attempt": 1, **fields}

    on = {"queue": "gpu", "worker_id": "local", "attempt": 2, "max_attempts": 5}
    add("train_v2 lr=3e-4 seed=13", "running", 260, **on, **ran(72, 0), note="61%")
    add("train_v2 lr=1e-4 seed=14", "running", 500, **on | {"attempt": 1}, **ran(280, 0))
    local = {"worker_id": "local", "attempt": 1}
    add("gzip -9 corpus/de.tar", "running", 30, **local, **ran(4, 0), stopping=True)
    add(
        "fetch corpus fr-2026",
        "retrying",
        90,
        attempt=3,
        max_attempts=5,
        wake_at=ago() + 21 * S,
    )
    wait = {"queue": "gpu", "note": "queue gpu is full: 2 of 2 run"}
    for seed in (15, 16, 17):
        add(f"train_v2 lr=3e-5 seed={seed}", "queued", 460 + seed, **wait)
    add("lint all", "queued", 12, priority="high", note="0.5 cores free, needs 1")
    add("bench --full", "queued", 3_900, priority="low", held_by="ana")
    add("eval train_v2", "pending", 729, unmet=4, note="after 4 jobs")
    add("nightly report", "pending", 9_000, wake_at=ago() + 14_280 * S)
    add("pytest -q", "succeeded", 60, **ended(40, 31, exit_code=0), tags=("ci",))
    add("make -j8", "failed", 65, **ended(64, 20, exit_code=2), tags=("ci",))
    add("sleep 600", "timeout", 900, **ended(800, 600), note="ran for 10m00s, its limit")
    add("rm -rf build", "canceled", 1_200, **ended(1_100, 3))
    add("deploy", "skipped", 1_300, completed_at=ago() - 1_200 * S, note="#15 was canceled")
    world.write_log(1, LOG)
    world.needs = {1: (12,), 10: (1, 2, 5, 6)}
    world.dependents = {1: 1}
    world.usual[1] = UsualTimes(p50_ms=150_000, p90_ms=240_000, runs=20)
    _tell_of_attempts(world)
    limit = "queue gpu runs 2 of 2 jobs"
    world.gates[5] = (
        Gate(kind=GateKind.HOLD, ok=True, text="it is not held"),
        Gate(kind=GateKind.DEPENDENCIES, ok=True, text="it depends on no other job"),
        Gate(
            kind=GateKind.QUEUE_LIMIT,
            ok=False,
            text=limit,
            holders=(2, 1),
            remedy="crabtui queues limit gpu 3",
        ),
        Gate(kind=GateKind.FIT, ok=True, text="worker local has room for it"),
    )
    return world


def waiting_world(clock: Clock | None = None) -> World:
    """The busy world with backlogs: reasons, a paused queue, depths and pressure."""
    world = busy_world(clock)
    now = world.clock.now()
    world.queue(
        "gpu",
        limit=2,
        limit_from="hand",
        own=("limit",),
        weight=3,
        oldest_queued_at=now - 477 * S,
        starts_per_min=3,
        ends_per_min=2,
        depths=(1, 1, 2, 2, 3, 5, 8, 9, 12, 10, 8, 6, 5, 4, 3),
        mode="moderate",
        max_depth=1_000,
        rate="10/s",
    )
    world.queue(
        "nightly", limit=4, paused_by="ana", paused_why="disk", paused_at=now - 7_260 * S
    )
    common = {"queue": "gpu", "is_exact": True, "oldest_at": now - 477 * S, "first": 5}
    world.reasons = [
        ReasonView(
            kind="queue-limit",
            text="queue gpu runs 2 of 2 jobs",
            count=412,
            priorities={"high": 2, "normal": 410},
            remedy="crabtui queues limit gpu 3",
            where="queue:gpu state:queued prio:normal",
            **common,
        ),
        ReasonView(
            kind="fit",
            text="worker local is full: 0.5 of 8 cpus free, it needs 1",
            count=9,
            priorities={"low": 9},
            remedy="crabtui priority 5 high",
            **common,
        ),
        ReasonView(
            kind="dependencies",
            text="4 of 4 jobs it depends on have not ended",
            count=1,
            priorities={"normal": 1},
            remedy="crabtui cancel 8",
            **common | {"queue": "default", "first": 10},
        ),
    ]
    world.workers = _workers(now)
    world.backlog = ("high", 8_120, 10_000)
    _explain(world)
    return world


def _workers(now: int) -> list[WorkerView]:
    """One that takes work, one that drains with two jobs left, one that is down."""
    common = {"seen_at": now - 3 * S, "backend": "local", "health": "healthy"}
    return [
        WorkerView(
            name="local",
            draining=False,
            slots=8,
            slots_taken=5,
            capacity={"cpu_milli": 8_000, "memory_mb": 32_768, "gpu": 2, "storage_mb": 102_400},
            taken={"cpu_milli": 4_500, "memory_mb": 18_432, "gpu": 1},
            labels=("fast-disk", "x86"),
            gpus_taken=(1,),
            gpu_types=("a100", "t4"),
            limits="scope",
            **common,
        ),
        WorkerView(
            name="node-7",
            draining=True,
            slots=4,
            slots_taken=2,
            capacity={"cpu_milli": 4_000, "memory_mb": 8_192, "license": 3},
            taken={"cpu_milli": 2_000, "license": 1},
            limits="rlimit",
            waits_for=(1, 2),
            **common,
        ),
        WorkerView(
            name="node-9",
            draining=False,
            slots=4,
            slots_taken=0,
            capacity={"cpu_milli": 4_000, "memory_mb": 8_192},
            taken={},
            warnings=("no room in /scratch",),
            **common | {"health": "down", "backend": "ssh"},
        ),
    ]


def _explain(world: World) -> None:
    """#5 waits behind a limit that two jobs fill, and would not fit elsewhere."""
    now = world.clock.now()
    holder = {"priority": "normal", "worker_id": "local"}
    world.explanations[5] = Explanation(
        job=5,
        state="queued",
        place=12,
        gates=(
            *world.gates[5][:3],
            Gate(kind=GateKind.FIT, ok=False, text="no worker has room for it now"),
            Gate(kind=GateKind.BACKOFF, ok=False, text="later", next_change_at=now + 90 * S),
        ),
        holders=(
            HolderView(
                id=2,
                name="train_v2 lr=1e-4 seed=14",
                started_at=now - 280 * S,
                ends_at=now + 600 * S,
                ends_by="history",
                **holder,
            ),
            HolderView(
                id=1,
                name="train_v2 lr=3e-4 seed=13",
                started_at=now - 72 * S,
                ends_at=None,
                ends_by="",
                **holder,
            ),
        ),
        short=(
            ShortView(worker="local", text="2 cpu short", lacks={"cpu_milli": (4000, 2000)}),
            ShortView(worker="node-7", text="draining", lacks={}),
        ),
    )
    moved = {"name": "train_v2 lr=3e-5 seed=15", "queue": "gpu", "worker": "local"}
    world.preview = Preview(
        act="priority of #5: normal → high",
        token="t-1",
        earlier=(
            MovedView(id=5, was_place=12, place=1, was_starts_ms=540_000, starts_ms=0, **moved),
        ),
        later=(
            MovedView(id=6, was_place=1, place=None, was_starts_ms=0, starts_ms=None, **moved),
        ),
        unchanged=254,
        grants=256,
        assumed_ms=60_000,
    )


def _tell_of_attempts(world: World) -> None:
    now = world.clock.now()
    common = {"worker_id": "local", "epoch": 1}
    first = AttemptView(
        id="1-1-1",
        number=1,
        phase="ended",
        intent_at=now - 150 * S,
        started_at=now - 148 * S,
        completed_at=now - 107 * S,
        pid=88_071,
        verdict="failed",
        exit_code=137,
        error={"message": "killed: out of memory", "fp": "9ac1f00d"},
        peak_memory_mb=31_949,
        cpu_ms=38_200,
        **common,
    )
    second = AttemptView(
        id="1-2-1",
        number=2,
        phase="running",
        intent_at=now - 73 * S,
        started_at=now - 72 * S,
        pid=51_120,
        gpus=(0, 1),
        limits="scope",
        peak_memory_mb=24_576,
        cpu_ms=71_000,
        **common,
    )
    world.attempts[1] = [first, second]
