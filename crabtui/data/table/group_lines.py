"""A group of jobs as one line: its value, how many, in which states."""

from collections.abc import Mapping
from typing import Final

from engine.control.views import GroupsView
from engine.model.states import State

GROUPS: Final = {
    "queue": "q",
    "name": "n",
    "worker": "w",
    "reason": "r",
    "fp": "f",
    "state": "s",
    "tag": "t",
    "owner": "o",
    "prio": "p",
    "tenant": "",
    "namespace": "",
    "exit": "x",
}
"""Fields by which the console counts jobs, and the key that picks each."""

SHORT: Final = 3
"""States that are named; the others are counted together."""

_ORDER: Final = (
    State.RUNNING,
    State.FAILED,
    State.TIMEOUT,
    State.RETRYING,
    State.QUEUED,
    State.PENDING,
    State.SUCCEEDED,
    State.CANCELED,
    State.SKIPPED,
)
"""What one looks for first, first."""


def states_text(by_state: Mapping[str, int], most: int = len(_ORDER)) -> str:
    """`2 running, 1 failed, 9 others`."""
    named = [(state.value, by_state[state.value]) for state in _ORDER if by_state.get(state)]
    words = [f"{number:,} {state}" for state, number in named[:most]]
    rest = sum(number for _, number in named[most:])
    return ", ".join([*words, f"{rest:,} others"] if rest else words)


def values_text(view: GroupsView) -> str:
    """`3 values`; what is left out is said."""
    every = len(view.groups) + view.others
    shown = f"{len(view.groups):,} of {every:,}" if view.others else f"{every:,}"
    part = "" if view.is_exact else "not all jobs are counted  "
    return f"{part}{shown} {'value' if every == 1 else 'values'}"


def value_text(value: str | None) -> str:
    """The value; a sign for none, and for an empty one."""
    return "-" if value is None else value or '""'
