"""What the usual acts would do to the jobs that are marked, or why they cannot be done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.situation import Situation

USUAL: Final = ("cancel", "retry", "raise_priority", "lower_priority", "hold")
"""Ids of the acts that are told of, in this order."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One act."""

    key: str
    """As Textual names it; empty: it has none."""
    title: str
    effect: str
    """What it would do, or why it cannot be done."""
    is_possible: bool


def offers(actions: Iterable[Action], now: Situation) -> Iterator[Offer]:
    """Of the usual acts among `actions`, as the situation is."""
    known = {action.id: action for action in actions}
    for name in USUAL:
        action = known.get(name)
        if action is not None and action.plan is not None:
            yield _offer(action, now)


def _offer(action: Action, now: Situation) -> Offer:
    key = action.keys[0] if action.keys else ""
    reason = action.why_not(now)
    if reason is not None or action.plan is None:
        return Offer(key, action.title, reason or "", False)
    plan = action.plan(now)
    return Offer(key, action.title, "; ".join(plan.effects) or plan.title.rstrip("?"), True)
