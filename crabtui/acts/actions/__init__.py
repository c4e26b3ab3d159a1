"""Every action once: its keys, words, scope, and when it is allowed.

Bindings, footer, help, palette, action menu and the README's key table all read `ACTIONS`,
with the keys that `crabtui.keymap` gives them.
An action without a plan is carried out by the method `do_<id>` of the view, or of one of
the app's doers; one with a plan changes something, and everything about it is in the other
modules of `crabtui.acts`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from crabtui.acts.action import Action, an_action
from crabtui.acts.actions import (
    admin,
    crons,
    detail,
    events,
    everywhere,
    flows,
    jobs,
    logs,
    pulse,
    queues,
    starting,
    stuck,
    tables,
    workers,
)
from crabtui.acts.situation import Scope, Situation
from crabtui.places import PLACES

GOING: Final = tuple(
    an_action(f"view_{place.name}", place.key, place.title, place.help) for place in PLACES
)
"""From view to view."""

ACTIONS: Final[tuple[Action, ...]] = (
    *jobs.ACTIONS,
    *queues.ACTIONS,
    *workers.ACTIONS,
    *flows.ACTIONS,
    *tables.ACTIONS,
    *starting.ACTIONS,
    *stuck.ACTIONS,
    *pulse.ACTIONS,
    *detail.ACTIONS,
    *logs.ACTIONS,
    *events.ACTIONS,
    *GOING,
    *everywhere.ACTIONS,
    *admin.ACTIONS,
    *crons.ACTIONS,
)

BY_ID: Final = {action.id: action for action in ACTIONS}


def works_in(action: Action, scopes: Iterable[Scope]) -> bool:
    """Whether the action exists in any of these scopes."""
    return not action.scopes.isdisjoint(scopes)


def possible(actions: Sequence[Action], now: Situation) -> list[Action]:
    """Those that exist here and are allowed now, in the order given."""
    return [a for a in actions if works_in(a, now.scopes) and a.why_not(now) is None]


def for_footer(
    now: Situation, actions: Sequence[Action] = ACTIONS, *, most: int = 8
) -> list[Action]:
    """The few to teach now: of the nearest scopes first, each key once."""
    near = {scope: place for place, scope in enumerate(now.scopes)}
    ranked = [a for a in possible(actions, now) if a.rank and a.keys]
    ranked.sort(key=lambda a: (a.scopes == {Scope.GLOBAL}, _nearest(a, near), a.rank))
    first = {action.keys[0]: action for action in reversed(ranked)}
    chosen = [action for action in ranked if first[action.keys[0]] is action]
    always_there = [a for a in chosen if a.id in ("command", "help")]
    others = [a for a in chosen if a not in always_there]
    return others[: most - len(always_there)] + always_there


def _nearest(action: Action, near: dict[Scope, int]) -> int:
    return min(near[scope] for scope in action.scopes if scope in near)
