"""Whole situations in which every gate can be closed, and whose books are true.

What runs was started by the planner, so that every count agrees with the holders; only then
are limits, modes, drains and the rest drawn. `applied` does what a remedy says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.intake.changes import changed, must_be_editable
from engine.model.job import Job
from engine.model.limits import Timeouts
from engine.model.priority import Priority, parse_priority
from engine.model.reasons import Gate, Remedy
from engine.model.resources import Resources
from engine.model.rules import Mode, Pressure, Quota, Rate, Rules, TenantRules
from engine.model.snapshot import Bucket, Lane, Reservation, Snapshot
from engine.model.spec import Constraints
from engine.model.states import State
from engine.model.worker import BreakerState, Health, Queue, Worker
from engine.policy.jobs.change import Change
from engine.policy.jobs.editing import edit, present_spec
from engine.policy.jobs.steering import release, reprioritise, revive, uncancel
from engine.policy.readiness import is_grantable
from engine.policy.scheduling.scheduler import after, schedule
from engine.policy.shapes import shape_of
from engine.policy.why.departure import departed
from engine.policy.why.explain import explain
from engine.policy.why.supposing import drained, with_jobs, with_queue, with_worker
from tests.engine.policy.strategies import BREAKERS
from tests.kit.build import NOW, SECOND, a_job, a_snapshot, shape_key

QUEUES = ("default", "nightly")
TENANTS = ("ana", "bo")
SPACES = ("default", "lab")
ARRAY = JobId(1_000_000_000)

often = st.sampled_from


def seldom(*values: Any) -> st.SearchStrategy[Any]:
    """None or nothing, mostly; else one of these."""
    return st.sampled_from([None, None, None, *values])


def rarely(*values: Any) -> st.SearchStrategy[Any]:
    """None or nothing, nearly always; else one of these."""
    return st.sampled_from([*[None] * 9, *values])


specs: Mapping[str, st.SearchStrategy[Any]] = {
    "queue": often(QUEUES),
    "tenant": often(TENANTS),
    "namespace": often(SPACES),
    "priority": often(Priority),
    "array": seldom(ARRAY),
    "preemptible": st.booleans(),
    "estimated_duration_ms": seldom(5_000, 50_000),
    "timeouts": st.builds(Timeouts, hard_ms=seldom(4_000, 60_000), grace_ms=st.just(0)),
    "resources": st.builds(
        Resources,
        cpu_milli=often([0, 500, 1000, 1000, 1500, 3000, 3000, 9000]),
        memory_mb=often([0, 0, 0, 100, 3000]),
        gpu=often([0, 0, 0, 0, 0, 1, 3]),
        gpu_type=rarely("T4"),
        storage_mb=often([0, 0, 0, 0, 0, 50]),
        custom=often([(), (), (), (), (("licence", 1),), (("licence", 3), ("seat", 1))]),
    ),
    "constraints": st.builds(
        Constraints,
        required_workers=often([(), (), (), (), (), (), (), ("w1",), ("gone",)]),
        excluded_workers=often([(), (), (), (), (), (), (), ("local",)]),
        required_labels=often([(), (), (), (), (), (), (), ("big",)]),
        excluded_labels=often([(), (), (), (), (), (), (), ("big",)]),
        required_backends=often([(), (), (), (), (), (), (), (), ("ssh",)]),
        locality=often(["any"] * 6 + ["local", "region"]),
        concurrency_group=seldom("db", "site"),
        max_concurrent_in_group=st.integers(1, 2),
        goal=seldom("deploy", "merge"),
    ),
}


@st.composite
def some_jobs(draw: st.DrawFn, most: int) -> list[Job]:
    """Queued jobs of a few kinds, so that lanes have more than one of them."""
    kinds = draw(st.lists(st.fixed_dictionaries(dict(specs)), min_size=1, max_size=most))
    times = draw(st.lists(st.integers(1, 3), min_size=len(kinds), max_size=len(kinds)))
    return [a_job(**kind) for kind, n in zip(kinds, times, strict=True) for _ in range(n)]


def _dependency(state: State) -> Job:
    return a_job(state=state)


@st.composite
def obstacles(draw: st.DrawFn, job: Job) -> tuple[Job, Sequence[Job]]:
    """The job, perhaps with something of its own in its way; with what it depends on."""
    kind = draw(often(["", "", "", "", "held", "canceling", "late", "early", "again", "after"]))
    now: dict[str, Any] = {}
    match kind:
        case "held":
            now = {"held_by": "ana", "held_why": draw(often(["", "wait"]))}
        case "canceling":
            now = {"cancel_at": NOW + SECOND, "cancel_by": "bo"}
        case "early":
            rules = with_fields(job.spec.constraints, not_before_at=NOW + 9 * SECOND)
            job = with_fields(job, spec=with_fields(job.spec, constraints=rules))
            now = {"state": State.PENDING, "wake_at": NOW + 9 * SECOND, "queued_at": None}
        case "again":
            now = {"state": State.RETRYING, "failures": 1, "wake_at": NOW + SECOND}
        case "late":
            rules = with_fields(job.spec.constraints, deadline_at=NOW - SECOND)
            return with_fields(job, spec=with_fields(job.spec, constraints=rules)), ()
        case "after":
            states = often([State.SUCCEEDED, State.RUNNING, State.FAILED, State.QUEUED])
            found = draw(st.lists(states, min_size=1, max_size=4).map(lambda s: [*s]))
            are_met = all(state is State.SUCCEEDED for state in found)
            left = [State.RUNNING] if are_met else []
            deps = [_dependency(state) for state in [*found, *left]]
            rules = with_fields(job.spec.constraints, depends_on=tuple(one.id for one in deps))
            job = with_fields(job, spec=with_fields(job.spec, constraints=rules))
            unmet = sum(one.now.state is not State.SUCCEEDED for one in deps)
            now = {"state": State.PENDING, "unmet": unmet, "queued_at": None}
            return job.with_progress(with_fields(job.now, **now)), deps
    return job.with_progress(with_fields(job.now, **now)), ()


@dataclass(frozen=True, slots=True)
class Situation:
    """A snapshot, all jobs that wait (those in no lane too), and what they depend on."""

    snapshot: Snapshot
    waiting: Sequence[Job]
    dependencies: Mapping[int, Sequence[Job]] = field(default_factory=dict)

    def place(self, job: Job) -> int | None:
        """Its place in its lane, from 1."""
        if not is_grantable(job, self.snapshot.now_at):
            return None
        lane = self.lane(job)
        return 1 + sum(one.id < job.id for one in lane.jobs) if lane else 1

    def lane(self, job: Job) -> Lane | None:
        """The lane in which it stands."""
        key = (job.now.queue, job.now.priority, job.spec.tenant, job.shape)
        return next((lane for lane in self.snapshot.lanes if lane.key == key), None)

    def why(self, job: Job) -> tuple[Gate, ...]:
        """As the daemon explains it."""
        lane = self.lane(job)
        head = lane.jobs[0] if lane else None
        deps = self.dependencies.get(job.id, ())
        return explain(job, self.snapshot, deps, self.place(job), head)


@st.composite
def workers(draw: st.DrawFn) -> list[Worker]:
    """One to three, all taking work."""
    return [
        Worker(
            name=name,
            labels=draw(often([(), ("big",), ("region=eu",)])),
            capacity=Resources(
                cpu_milli=draw(often([1000, 4000, 8000, 8000])),
                memory_mb=draw(often([500, 8000, 8000])),
                gpu=draw(often([0, 2])),
                storage_mb=draw(often([0, 100])),
                custom=draw(often([(), (("licence", 2),)])),
            ),
            gpu_types=draw(often([(), ("T4", "A100")])),
            slots=draw(st.integers(1, 6)),
        )
        for name in draw(st.permutations(["local", "w1", "w2"]))[: draw(st.integers(1, 3))]
    ]


RATE = Rate(tokens=1, per_ms=10_000, burst=2)


@st.composite
def kept(draw: st.DrawFn, snapshot: Snapshot, least: int = 0) -> Snapshot:
    """The snapshot with room kept for the heads of some lanes, whether they need it or not."""
    lanes = {lane.key: lane for lane in snapshot.lanes}
    keys = [one.lane for one in snapshot.carried.reservations]
    free = [key for key in lanes if key not in keys]
    chosen = (
        draw(st.lists(often(free), min_size=least, max_size=3, unique=True)) if free else []
    )
    made = [
        Reservation(
            lanes[key].jobs[0].id,
            key,
            draw(often(sorted(snapshot.rooms))),
            NOW - draw(st.integers(0, 9)) * SECOND,
            draw(seldom(NOW + 5 * SECOND)),
        )
        for key in chosen
    ]
    reservations = [*snapshot.carried.reservations, *made]
    return replace(snapshot, carried=replace(snapshot.carried, reservations=reservations))


BUCKETS = [f"queue {name}" for name in QUEUES] + [f"tenant {name}" for name in TENANTS]


@st.composite
def quotas(draw: st.DrawFn) -> Quota:
    """Tight ones."""
    return Quota(
        running=draw(rarely(1, 2)), cpu_milli=draw(rarely(1500, 4000)), gpu=draw(rarely(1))
    )


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """A site's configuration."""
    tenants = {
        name: TenantRules(
            quota=draw(quotas()),
            starts=draw(rarely(RATE)),
            namespaces={"lab": draw(quotas())} if draw(st.booleans()) else {},
        )
        for name in TENANTS
        if draw(st.booleans())
    }
    return Rules(
        reserve_after_grants=draw(often([0, 0, 1])),
        pressure=Pressure(max_depth=100, reduce_parallelism=draw(st.booleans())),
        groups=draw(often([{}, {"site": 1}])),
        region=draw(often(["", "eu"])),
        tenants=tenants,
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Anything that could be; what is counted agrees with what runs."""
    fleet = draw(workers())
    site = draw(rules())
    begun = a_snapshot(*draw(some_jobs(5)), workers=fleet, rules=with_fields(site, groups={}))
    begun = after(begun, schedule(begun, draw(st.integers(0, 12))))
    drawn = [draw(obstacles(job)) for job in draw(some_jobs(8))]
    left = [job for lane in begun.lanes for job in lane.jobs]
    waiting = [*left, *(job for job, _ in drawn)]
    snapshot = with_jobs(replace(begun, lanes=[]), waiting)
    snapshot = after(snapshot, schedule(snapshot, draw(st.integers(0, 2))))
    snapshot = draw(kept(snapshot))
    return Situation(
        draw(conditions(replace(snapshot, rules=site))),
        [job for job in waiting if not any(one.job == job.id for one in snapshot.holders)],
        {job.id: deps for job, deps in drawn},
    )


buckets = st.dictionaries(
    often(BUCKETS),
    st.builds(Bucket, st.integers(0, 2_000_000), st.integers(NOW - 9 * SECOND, NOW)),
)


@st.composite
def crowds(draw: st.DrawFn) -> Situation:
    """Plain jobs that are in each other's way: for whom room is kept, or no token is left."""
    fleet = [Worker(name=name, capacity=Resources(cpu_milli=4000), slots=8) for name in "ab"]
    plain = st.builds(
        a_job,
        cpu=often([1, 1, 2, 4]),
        queue=often(QUEUES),
        priority=often(Priority),
        timeouts=st.builds(Timeouts, hard_ms=seldom(1_000, 60_000), grace_ms=st.just(0)),
    )
    waiting = draw(st.lists(plain, min_size=2, max_size=9))
    first = a_snapshot(*waiting, workers=fleet)
    then = after(first, schedule(first, draw(st.integers(0, 3))))
    begun = {one.job for one in then.holders}
    level = draw(often([0, 400_000, 2_000_000, 2_000_000, 2_000_000]))
    spent = {"queue nightly": Bucket(level, NOW - draw(st.integers(0, 9)) * SECOND)}
    queues = {
        "default": Queue(name="default"),
        "nightly": Queue(name="nightly", starts=draw(often([RATE, None]))),
    }
    then = draw(kept(then, least=1))
    snapshot = replace(then, queues=queues, carried=replace(then.carried, buckets=spent))
    return Situation(snapshot, [job for job in waiting if job.id not in begun])


@st.composite
def conditions(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """The snapshot after people and time have had their say."""
    snapshot = replace(
        snapshot,
        queues={
            name: Queue(
                name=name,
                limit=draw(rarely(0, 1, 3)),
                starts=draw(rarely(RATE)),
                pressure=draw(seldom(Pressure(max_depth=9, reduce_parallelism=True))),
                paused_by=draw(rarely("ana")),
            )
            for name in QUEUES
        },
        modes={
            scope: mode for scope in ("", *QUEUES) if (mode := draw(seldom(*Mode))) is not None
        },
        arrays={
            ARRAY: Array(
                id=ARRAY, first=JobId(1), last=JobId(99), limit=draw(often([None, 1, 2]))
            )
        },
        granting=draw(often([True] * 9 + [False])),
    )
    for room in list(snapshot.rooms.values()):
        worker = with_fields(
            room.worker,
            draining=draw(often([False] * 5 + [True])),
            health=draw(often([Health.HEALTHY] * 7 + [Health.DOWN])),
            quarantined=draw(often([""] * 9 + ["it fails everything"])),
            **draw(often(BREAKERS)),
        )
        snapshot = with_worker(snapshot, worker)
    return snapshot


def _array(limit: int | None) -> Array:
    return Array(id=ARRAY, first=JobId(ARRAY + 1), last=JobId(ARRAY + 99), limit=limit)


def applied(remedy: Remedy, job: Job, at: Situation) -> tuple[Job, Situation]:
    """The situation once somebody has done what the remedy says; the job as it is then."""
    snapshot, jobs = at.snapshot, [one for one in at.waiting if one.id in remedy.jobs]
    match remedy.act:
        case "resume":
            queue = with_fields(snapshot.queues[remedy.name], paused_by=None)
            return job, replace(at, snapshot=with_queue(snapshot, queue))
        case "limit":
            queue = with_fields(snapshot.queues[remedy.name], limit=remedy.limit)
            return job, replace(at, snapshot=with_queue(snapshot, queue))
        case "array_limit":
            array = with_fields(snapshot.arrays[remedy.jobs[0]], limit=remedy.limit)
            arrays = {**snapshot.arrays, array.id: array}
            return job, replace(at, snapshot=replace(snapshot, arrays=arrays))
        case "resume_worker":
            worker = drained(snapshot.rooms[remedy.name].worker, is_draining=False)
            return job, replace(at, snapshot=with_worker(snapshot, worker))
        case "reset_worker" | "release_worker":
            was = snapshot.rooms[remedy.name].worker
            closed = {"breaker": BreakerState.CLOSED, "permits": None}
            changes = closed if remedy.act == "reset_worker" else {"quarantined": ""}
            worker = with_fields(was, **changes)
            return job, replace(at, snapshot=with_worker(snapshot, worker))
        case "wait":
            return job, without(at, remedy.jobs)
        case "retry" if not jobs:
            return job, with_dependencies(at, job, remedy.jobs, State.QUEUED)
        case _:
            [now] = [_changed(one, remedy, at) for one in jobs]
            assert now.id == job.id
            waiting = [now if one.id == now.id else one for one in at.waiting]
            return now, replace(at, snapshot=with_jobs(snapshot, [now]), waiting=waiting)


def _changed(job: Job, remedy: Remedy, at: Situation) -> Job:
    change: Change | None
    if remedy.act == "edit":
        spec = changed(present_spec(job), remedy.changes, now_at=NOW)
        must_be_editable(present_spec(job), spec)
        change = edit(job, spec, shape_key(shape_of(spec)), NOW, "ana")
    elif remedy.act == "priority":
        change = reprioritise(job, parse_priority(remedy.to or ""), "ana")
    elif remedy.act == "retry":
        change = revive(job, NOW, "ana")
    else:
        change = {"release": release, "uncancel": uncancel}[remedy.act](job, "ana")
    assert change is not None, "a remedy changes something"
    now = job.with_progress(change.now)
    return (
        now if change.spec is None else with_fields(now, spec=change.spec, shape=change.shape)
    )


def without(at: Situation, jobs: Iterable[int]) -> Situation:
    """The situation once these have ended, well."""
    gone = {JobId(job) for job in jobs}
    snapshot = departed(at.snapshot, [one for one in at.snapshot.holders if one.job in gone])
    goals = {
        goal: left
        for goal, holders in snapshot.goals.items()
        if (left := [one for one in holders if one not in gone])
    }
    lanes = [
        replace(lane, jobs=still)
        for lane in snapshot.lanes
        if (still := [one for one in lane.jobs if one.id not in gone])
    ]
    kept = [one for one in snapshot.carried.reservations if one.job not in gone]
    carried = replace(snapshot.carried, reservations=kept)
    at = replace(at, snapshot=replace(snapshot, lanes=lanes, goals=goals, carried=carried))
    for job in at.waiting:
        at = with_dependencies(at, job, gone, State.SUCCEEDED)
    return replace(at, waiting=[one for one in at.waiting if one.id not in gone])


def with_dependencies(at: Situation, job: Job, jobs: Iterable[int], state: State) -> Situation:
    """The situation with some of what a job depends on in another state."""
    deps = [
        one.with_progress(with_fields(one.now, state=state)) if one.id in set(jobs) else one
        for one in at.dependencies.get(job.id, ())
    ]
    return replace(at, dependencies={**at.dependencies, job.id: deps})
