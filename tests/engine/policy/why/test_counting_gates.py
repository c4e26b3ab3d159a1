"""Gates that count and lock, room that is kept, and what is short on each worker."""

from dataclasses import replace

from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.limits import Timeouts
from engine.model.reasons import Gate, GateKind
from engine.model.resources import Resources
from engine.model.rules import Mode, Pressure, Quota, Rate, Rules, TenantRules
from engine.model.snapshot import Bucket, Carried, Holder, Reservation, Snapshot, Taken
from engine.model.spec import Constraints
from engine.model.worker import Health
from engine.policy.scheduling.scheduler import schedule
from engine.policy.why.explain import explain, headline, short_of
from tests.kit.build import (
    NOW,
    SECOND,
    a_job,
    a_lane,
    a_queue,
    a_room,
    a_snapshot,
    a_worker,
)


def closed(job: Job, snapshot: Snapshot) -> Gate:
    [gate] = [gate for gate in explain(job, snapshot, place=1) if not gate.ok]
    return gate


def short(job: Job, snapshot: Snapshot) -> str:
    return headline(explain(job, snapshot, place=1))


def running(number: int, **fields: object) -> Holder:
    known = {"started_at": NOW, "worker": "local", "queue": "default", "group": None}
    return Holder(job=JobId(number), **(known | fields))  # type: ignore[arg-type]


def test_a_rate_says_whose_it_is_and_when_the_next_token_comes() -> None:
    rate = Rate(tokens=2, per_ms=60_000, burst=5)
    spent = Carried(buckets={"queue default": Bucket(250_000, NOW - 15 * SECOND)})
    snapshot = a_snapshot(queues=[a_queue(starts=rate)], carried=spent)
    gate = closed(a_job(), snapshot)
    assert gate.text == (
        "queue `default` may start 2/m, 5 at once after a rest, and has started as many"
    )
    assert gate.facts["left"] == 0
    assert gate.next_change_at == NOW + 7_500_000
    assert short(a_job(), snapshot) == "rate 2/m"


def test_of_two_rates_the_one_that_opens_last_is_told() -> None:
    slow, fast = Rate(tokens=1, per_ms=9000, burst=1), Rate(tokens=1, per_ms=1000, burst=1)
    empty = Carried(buckets={"queue default": Bucket(0, NOW), "tenant ana": Bucket(0, NOW)})
    snapshot = a_snapshot(
        queues=[a_queue(starts=fast)],
        rules=Rules(tenants={"ana": TenantRules(starts=slow)}),
        carried=empty,
    )
    gate = closed(a_job(tenant="ana"), snapshot)
    assert gate.facts["whose"] == "tenant `ana`"
    assert gate.next_change_at == NOW + 9 * SECOND
    assert closed(a_job(), snapshot).next_change_at == NOW + SECOND


def test_pressure_counts_what_the_queue_runs_and_says_whose_end_opens_it() -> None:
    rules = Rules(pressure=Pressure(max_depth=10, reduce_parallelism=True))
    holders = [running(7, ends_at=NOW + 9 * SECOND), running(8, ends_at=NOW + 5 * SECOND)]
    snapshot = a_snapshot(
        rules=rules, modes={"": Mode.HIGH}, running_in_queue={"default": 2}, holders=holders
    )
    gate = closed(a_job(), snapshot)
    assert gate.text == "backpressure is high: 2 of at most 2 jobs of queue `default` run"
    assert (gate.remedy, gate.next_change_at) == ("crabtui wait 8", NOW + 5 * SECOND)
    assert short(a_job(), snapshot) == "backpressure high"
    assert closed(a_job(queue="other"), snapshot).kind is GateKind.TURN


def test_of_two_pressures_the_tighter_one_counts() -> None:
    reduces = Pressure(max_depth=10, reduce_parallelism=True)
    snapshot = a_snapshot(
        rules=Rules(pressure=reduces),
        queues=[a_queue(pressure=reduces, limit=4)],
        modes={"": Mode.MODERATE, "default": Mode.HIGH},
        running_in_queue={"default": 1, "other": 6},
        holders=[running(7), *(running(n, queue="other") for n in range(8, 14))],
    )
    assert closed(a_job(), snapshot).facts["limit"] == 1
    assert closed(a_job(queue="other"), snapshot).facts["limit"] == 6


def test_low_jobs_under_pressure_are_told_that_others_go_first() -> None:
    rules = Rules(pressure=Pressure(max_depth=10))
    low = a_job(priority=a_job().now.priority.raised(-1))
    gates = explain(low, a_snapshot(rules=rules, modes={"": Mode.HIGH}), place=1)
    gate = next(gate for gate in gates if gate.kind is GateKind.PRESSURE)
    assert (gate.ok, gate.text) == (
        True,
        "backpressure is high: low jobs start when nothing else can",
    )


def a_tenant(quota: Quota, taken: Taken, *holders: Holder, space: bool = False) -> Snapshot:
    rules = TenantRules(namespaces={"lab": quota}) if space else TenantRules(quota=quota)
    return a_snapshot(
        rules=Rules(tenants={"ana": rules}),
        tenants={} if space else {"ana": taken},
        namespaces={("ana", "lab"): taken} if space else {},
        holders=holders,
    )


def test_a_quota_of_jobs_names_those_whose_end_would_help() -> None:
    two = (running(3, tenant="ana"), running(4, tenant="ana", ends_at=NOW + SECOND))
    snapshot = a_tenant(Quota(running=2), Taken(2), *two, running(5, tenant="bo"))
    gate = closed(a_job(tenant="ana"), snapshot)
    assert gate.text == "tenant `ana` runs 2 of at most 2"
    assert (gate.holders, gate.remedy) == ((3, 4), "crabtui wait 4")
    assert short(a_job(tenant="ana"), snapshot) == "quota 2/2 running"
    assert closed(a_job(tenant="bo"), snapshot).kind is GateKind.TURN


def test_a_quota_of_cores_offers_to_ask_for_a_little_less() -> None:
    holder = running(3, tenant="ana", amounts=(("cpu_milli", 3000),))
    taken = Taken(1, {"cpu_milli": 3000})
    snapshot = a_tenant(Quota(cpu_milli=4000), taken, holder)
    gate = closed(a_job(id=9, tenant="ana", cpu=2), snapshot)
    assert gate.text == "tenant `ana` has 3 cpu of at most 4 cpu; it asks 2 cpu"
    assert gate.remedy == "crabtui edit 9 --cpus 1"
    assert closed(a_job(id=9, tenant="ana", cpu=3), snapshot).remedy == "crabtui wait 3"
    larger = replace(snapshot, rooms=a_snapshot(cores=8).rooms)
    alone = closed(a_job(id=9, tenant="ana", cpu=5), larger)
    assert alone.remedy == "crabtui edit 9 --cpus 1"


def test_more_than_a_quota_ever_allows_is_cut_down_to_it() -> None:
    snapshot = a_tenant(Quota(gpu=1), Taken(1, {"gpu": 1}))
    snapshot = replace(
        snapshot, rooms=a_snapshot(workers=[a_worker(capacity=Resources(gpu=4))]).rooms
    )
    job = a_job(id=9, tenant="ana", gpu=3)
    gate = closed(job, snapshot)
    assert gate.text == "tenant `ana` may never have more than 1 gpu; it asks 3 gpu"
    assert (gate.remedy, gate.next_change_at) == ("crabtui edit 9 --gpus 1", None)
    none = replace(snapshot, rules=Rules(tenants={"ana": TenantRules(quota=Quota(gpu=0))}))
    gate = closed(job, none)
    assert (gate.remedy, gate.act) == ("crabtui tenants", None)


def test_a_namespace_has_a_quota_of_its_own() -> None:
    snapshot = a_tenant(Quota(running=1), Taken(1), space=True)
    job = a_job(tenant="ana", namespace="lab")
    assert closed(job, snapshot).text.startswith("namespace `ana/lab` runs 1 of at most")
    assert closed(a_job(tenant="ana"), snapshot).kind is GateKind.TURN


def test_an_array_has_a_limit_of_its_own() -> None:
    array = Array(id=JobId(40), first=JobId(41), last=JobId(60), limit=1)
    snapshot = a_snapshot(
        arrays={array.id: array},
        running_in_array={array.id: 1},
        holders=[running(41, array=array.id), running(5)],
    )
    gate = closed(a_job(array=JobId(40)), snapshot)
    assert gate.text == "1 of at most 1 member of array #40 run"
    assert (gate.holders, gate.remedy) == ((41,), "crabtui array 40 --limit 2")
    assert short(a_job(array=JobId(40)), snapshot) == "array 1/1"


def test_a_goal_names_who_has_its_lock_even_if_that_sleeps() -> None:
    snapshot = a_snapshot(goals={"deploy": (JobId(3),)})
    job = a_job(constraints=Constraints(goal="deploy"))
    gate = closed(job, snapshot)
    assert gate.text == "#3 has the lock of goal `deploy`"
    assert (gate.holders, gate.remedy, gate.next_change_at) == ((3,), "crabtui wait 3", None)
    assert short(job, snapshot) == "goal held by #3"
    child = a_job(constraints=Constraints(goal="deploy"), parent_id=JobId(3))
    assert closed(child, snapshot).kind is GateKind.TURN


def test_the_holder_of_a_goal_passes_those_before_it() -> None:
    first, holder = (a_job(constraints=Constraints(goal="deploy")) for _ in range(2))
    snapshot = a_snapshot(first, holder, goals={"deploy": (holder.id,)})
    gates = explain(holder, snapshot, place=2, lane_head=first)
    assert [gate.kind for gate in gates if not gate.ok] == [GateKind.TURN]
    assert GateKind.LANE in [
        gate.kind
        for gate in explain(a_job(constraints=Constraints(goal="deploy")), snapshot, place=3)
        if not gate.ok
    ]


def reserved(starts_at: int | None) -> tuple[Snapshot, Job]:
    head = a_job(cpu=4)
    kept = Reservation(head.id, a_lane(head).key, "local", NOW - 42 * SECOND, starts_at)
    room = a_room(a_worker(cpu=4), slots_taken=1, cpu_milli=2000)
    holder = running(3, amounts=(("cpu_milli", 2000),), ends_at=starts_at)
    return a_snapshot(
        head, rooms={"local": room}, holders=[holder], carried=Carried(reservations=[kept])
    ), head


def test_kept_room_says_for_whom_since_when_and_until_when() -> None:
    snapshot, head = reserved(NOW + 9 * SECOND)
    gate = closed(a_job(cpu=1), snapshot)
    assert gate.text == f"the room on `local` is kept for #{head.id}, since 42s"
    assert (gate.next_change_at, gate.holders) == (NOW + 9 * SECOND, (head.id,))
    assert gate.remedy == f"crabtui wait {head.id}"
    assert short(a_job(cpu=1), snapshot) == f"kept for #{head.id}"
    assert [one.text for one in short_of(a_job(cpu=1), snapshot)] == [f"kept for #{head.id}"]


def test_who_has_ended_before_kept_room_is_needed_may_use_it() -> None:
    snapshot, head = reserved(NOW + 9 * SECOND)
    short_lived = a_job(cpu=1, timeouts=Timeouts(hard_ms=8_000, grace_ms=1_000))
    assert closed(short_lived, snapshot).kind is GateKind.TURN
    longer = a_job(cpu=1, timeouts=Timeouts(hard_ms=8_000, grace_ms=1_001))
    assert closed(longer, snapshot).kind is GateKind.RESERVED
    for job, starts in ((short_lived, [short_lived.id]), (longer, [])):
        lanes = a_snapshot(head, job).lanes
        plan = schedule(replace(snapshot, lanes=lanes))
        assert [start.job.id for start in plan.starts] == starts


def test_the_sites_limit_of_a_group_goes_before_the_jobs_own() -> None:
    rules = Constraints(concurrency_group="db", max_concurrent_in_group=9)
    snapshot = a_snapshot(
        rules=Rules(groups={"db": 1}),
        running_in_group={"db": 1},
        holders=[running(7, group="db")],
    )
    gate = closed(a_job(constraints=rules), snapshot)
    assert gate.text == "1 of at most 1 job of group `db` run"
    assert gate.remedy == "crabtui wait 7"
    own = replace(snapshot, rules=Rules(), running_in_group={"db": 9})
    assert (
        closed(a_job(id=3, constraints=rules), own).remedy == "crabtui edit 3 --group-limit 10"
    )


def test_room_is_kept_for_as_long_as_the_next_round_keeps_it() -> None:
    snapshot, _ = reserved(None)
    paused = replace(snapshot, queues={"default": a_queue(paused_by="ana")})
    other = a_job(queue="other")
    assert closed(other, snapshot).kind is GateKind.RESERVED
    assert closed(other, paused).kind is GateKind.TURN
    limited = replace(snapshot, queues={"default": a_queue(limit=0)})
    assert closed(other, limited).kind is GateKind.RESERVED


def test_room_takes_as_many_ends_as_it_takes_on_one_worker() -> None:
    cores = (("cpu_milli", 2000),)
    holders = [
        running(1, amounts=cores, ends_at=NOW + 9 * SECOND),
        running(2, amounts=cores, ends_at=NOW + 5 * SECOND),
        running(3, amounts=cores, ends_at=NOW + 7 * SECOND, worker="w1"),
        running(4, amounts=cores, worker="w1"),
    ]
    full = {"cpu_milli": 4000, "slots_taken": 2}
    rooms = {name: a_room(a_worker(name, cpu=4), **full) for name in ("local", "w1")}
    gate = closed(a_job(cpu=4), a_snapshot(rooms=rooms, holders=holders))
    assert (gate.remedy, gate.next_change_at) == ("crabtui wait 1-2", NOW + 9 * SECOND)
    small = closed(a_job(cpu=1), a_snapshot(rooms=rooms, holders=holders))
    assert (small.remedy, small.next_change_at) == ("crabtui wait 2", NOW + 5 * SECOND)
    unknown = [replace(one, ends_at=None) for one in holders]
    gate = closed(a_job(cpu=4), a_snapshot(rooms=rooms, holders=unknown))
    assert (gate.remedy, gate.next_change_at) == ("crabtui wait 1-2", None)


def test_every_worker_says_what_is_in_the_way_there() -> None:
    workers = [
        a_worker("a", draining=True),
        a_worker("b", health=Health.DOWN),
        a_worker("c", cpu=1),
        a_worker("d", labels=("slow",)),
        a_worker("e", production=True),
        a_worker("f"),
        a_worker("g", slots=1),
    ]
    snapshot = a_snapshot(workers=workers)
    rooms = {
        **snapshot.rooms,
        "f": a_room(workers[5], cpu_milli=3500),
        "g": a_room(workers[6], slots_taken=1),
    }
    job = a_job(cpu=2, constraints=Constraints(excluded_labels=("slow",)), agent_phase=1)
    found = {one.worker: one for one in short_of(job, replace(snapshot, rooms=rooms))}
    assert {name: one.text for name, one in found.items()} == {
        "a": "draining",
        "b": "down",
        "c": "too small: 1 cpu short",
        "d": "has label slow",
        "e": "production: no exploratory phases",
        "f": "1.5 cpu short",
        "g": "1 of 1 slots taken",
    }
    assert found["f"].lacks == {"cpu_milli": (2000, 500)}
    assert short_of(a_job(id=1, state=job.now.state), a_snapshot()) == ()


def test_constraints_in_the_way_are_told_by_name() -> None:
    def text(**rules: object) -> str:
        job = a_job(constraints=Constraints(**rules))  # type: ignore[arg-type]
        [one] = short_of(job, a_snapshot())
        return one.text

    assert text(required_workers=("w1",)) == "not among its workers"
    assert text(excluded_workers=("local",)) == "excluded by name"
    assert text(required_backends=("ssh",)) == "of another backend"
    assert text(excluded_backends=("local",)) == "excludes backend local"
    assert text(required_labels=("gpu", "big")) == "lacks label big, gpu"
