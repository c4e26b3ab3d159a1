"""What attempts hold: taken once, given back once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_attempt

from engine.ledger.memory.usage import Claim, Usage, claim_of
from engine.model.ids import AttemptId, JobId
from engine.model.job import Shape
from tests.kit.build import a_job, a_worker, an_attempt

AMOUNTS = st.sampled_from([(), (("cpu_milli", 1000),), (("cpu_milli", 500), ("gpu", 1))])
CLAIMS = st.builds(
    Claim,
    worker=st.sampled_from(["local", "far"]),
    queue=st.sampled_from(["default", "night"]),
    group=st.sampled_from([None, "g"]),
    amounts=AMOUNTS,
    tenant=st.sampled_from(["a", "b"]),
    namespace=st.sampled_from(["x", "y"]),
    array=st.sampled_from([None, JobId(7)]),
)
ACTS = st.lists(st.tuples(st.booleans(), st.integers(1, 6), CLAIMS), max_size=60)
"""Whether it takes, which attempt, and what; attempt `i` has device `i`."""


def total(claims: Iterable[Claim]) -> dict[str, int]:
    amounts: Counter[str] = Counter()
    for claim in claims:
        amounts.update(dict(claim.amounts))
    return dict(amounts)


def told(taken: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in taken.items() if amount}


def replayed(acts: list[tuple[bool, int, Claim]]) -> tuple[Usage, dict[AttemptId, Claim]]:
    usage, held = Usage(), dict[AttemptId, Claim]()
    for takes, number, bare in acts:
        attempt, claim = AttemptId(f"{number}-1-1"), replace(bare, gpus=1 << number)
        if takes:
            usage.take(attempt, claim)
            held.setdefault(attempt, claim)
        else:
            assert usage.release(attempt) is (held.pop(attempt, None) is not None)
    return usage, held


@given(ACTS)
def test_what_is_taken_is_the_sum_of_what_is_held(acts: list[tuple[bool, int, Claim]]) -> None:
    usage, held = replayed(acts)
    assert usage.held == len(held)
    for name in ("local", "far"):
        room = usage.room(a_worker(name))
        there = [claim for claim in held.values() if claim.worker == name]
        assert told(room.taken) == total(there)
        assert (room.slots_taken, room.gpus_taken) == (len(there), sum(c.gpus for c in there))
    queues = Counter(claim.queue for claim in held.values())
    assert told(usage.in_queue) == dict(queues)
    assert dict(usage.in_group) == dict(Counter(c.group for c in held.values() if c.group))
    assert dict(usage.in_array) == dict(Counter(c.array for c in held.values() if c.array))
    for tenant, taken in usage.of_tenant.items():
        its = [claim for claim in held.values() if claim.tenant == tenant]
        assert (taken.running, told(taken.amounts)) == (len(its), total(its))
    for (tenant, space), taken in usage.of_namespace.items():
        its = [c for c in held.values() if (c.tenant, c.namespace) == (tenant, space)]
        assert (taken.running, told(taken.amounts)) == (len(its), total(its))


@given(ACTS)
def test_once_all_is_given_back_nothing_is_left_in_any_dimension(
    acts: list[tuple[bool, int, Claim]],
) -> None:
    usage, held = replayed(acts)
    for attempt in held:
        assert usage.release(attempt)
    for name in ("local", "far"):
        room = usage.room(a_worker(name))
        assert (told(room.taken), room.slots_taken, room.gpus_taken) == ({}, 0, 0)
    assert not any(usage.in_queue.values())
    left = (usage.in_group, usage.in_array, usage.of_tenant, usage.of_namespace)
    assert not any(left), left


def test_a_claim_tells_everything_that_can_run_out() -> None:
    shape = Shape(cpu_milli=2000, gpu=2, group="g", group_limit=2)
    job = a_job(queue="night", tenant="lab", namespace="x", array=JobId(3))
    attempt = replace_attempt(an_attempt(job), worker="far", gpus=(0, 3))
    claim = claim_of(job, shape, attempt)
    assert (claim.worker, claim.queue, claim.group) == ("far", "night", "g")
    assert (claim.tenant, claim.namespace, claim.array) == ("lab", "x", 3)
    assert claim.gpus == 0b1001
    assert dict(claim.amounts) == {"cpu_milli": 2000, "gpu": 2}
