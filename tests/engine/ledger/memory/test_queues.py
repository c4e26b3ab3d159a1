"""Queues in effect: hand before configuration, and configuration before nothing."""

from engine.ledger.memory.queues import in_effect
from engine.ledger.memory.working_set import WorkingSet
from engine.model.ids import Epoch
from engine.model.rules import Pressure, QueueRules, Rate, Rules
from engine.model.worker import Queue
from engine.store.protocol import Unit, Written

RATE = Rate(tokens=1, per_ms=1000, burst=5)


def test_what_was_set_by_hand_goes_before_the_configuration() -> None:
    stored = {"q": Queue(name="q", limit=3, own=("limit",), version=7)}
    rules = Rules(queues={"q": QueueRules(limit=9, weight=4, starts=RATE)})
    [queue] = in_effect(stored, rules).values()
    assert (queue.limit, queue.weight, queue.starts, queue.version) == (3, 4, RATE, 7)


def test_by_hand_a_queue_can_be_without_the_limit_that_the_configuration_has() -> None:
    stored = {"q": Queue(name="q", limit=None, own=("limit",))}
    assert in_effect(stored, Rules(queues={"q": QueueRules(limit=9)}))["q"].limit is None


def test_queues_that_only_the_configuration_names_are_there() -> None:
    pressure = Pressure(max_depth=5)
    found = in_effect({}, Rules(queues={"new": QueueRules(pressure=pressure)}))
    assert found == {"new": Queue(name="new", pressure=pressure)}


def test_new_rules_are_in_effect_at_once_and_are_not_stored() -> None:
    known = WorkingSet(Epoch(1))
    known.absorb(Unit(epoch=Epoch(1), queues=[(0, Queue(name="q"))]), {}, Written((), {}))
    rules = Rules(queues={"q": QueueRules(limit=2)})
    known.set_rules(rules)
    snapshot = known.snapshot(0)
    assert (snapshot.rules, snapshot.queues["q"].limit) == (rules, 2)
    assert known.stored_queues["q"].limit is None
    known.absorb(
        Unit(epoch=Epoch(1), queues=[(1, Queue(name="q", paused_by="ana"))]),
        {},
        Written((), {}),
    )
    assert (known.queues["q"].limit, known.queues["q"].paused_by) == (2, "ana")
