"""What attempts hold: taken once, given back once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.ledger.usage import Claim, Usage, claim_of
from engine.model.ids import AttemptId
from engine.model.job import Shape
from tests.kit.build import a_job, a_worker

CLAIMS = st.builds(
    Claim,
    worker=st.sampled_from(["local", "far"]),
    queue=st.sampled_from(["default", "night"]),
    group=st.sampled_from([None, "g"]),
    amounts=st.sampled_from([(), (("cpu", 1000),), (("cpu", 500), ("gpu", 1))]),
)
ACTS = st.lists(st.tuples(st.booleans(), st.integers(1, 6), CLAIMS), max_size=60)


@given(ACTS)
def test_what_is_taken_is_the_sum_of_what_is_held(acts: list[tuple[bool, int, Claim]]) -> None:
    usage, held = Usage(), dict[AttemptId, Claim]()
    for takes, number, claim in acts:
        attempt = AttemptId(f"{number}-1-1")
        if takes:
            usage.take(attempt, claim)
            held.setdefault(attempt, claim)
        else:
            assert usage.release(attempt) is (held.pop(attempt, None) is not None)
    assert usage.held == len(held)
    for name in ("local", "far"):
        room = usage.room(a_worker(name))
        there = [claim for claim in held.values() if claim.worker == name]
        amounts: Counter[str] = Counter()
        for claim in there:
            amounts.update(dict(claim.amounts))
        assert {k: v for k, v in room.taken.items() if v} == dict(amounts)
        assert room.slots_taken == len(there)
    queues = Counter(claim.queue for claim in held.values())
    assert {k: v for k, v in usage.in_queue.items() if v} == dict(queues)
    assert dict(usage.in_group) == dict(Counter(c.group for c in held.values() if c.group))


def test_a_claim_tells_worker_queue_group_and_amounts() -> None:
    shape = Shape(cpu_milli=2000, gpu=1, group="g", group_limit=2)
    claim = claim_of(a_job(queue="night"), shape, "far")
    assert (claim.worker, claim.queue, claim.group) == ("far", "night", "g")
    assert set(dict(claim.amounts).values()) == {2000, 1}
