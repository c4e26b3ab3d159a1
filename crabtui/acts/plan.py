"""One act, ready to be asked for, and what keeps any act from being one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from crabtui.acts.situation import Situation
from engine.control.messages import Request
from engine.control.views import Acted

TYPED_ABOVE: Final = 20
"""A confirm for more objects than this wants their number typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One act, ready to be asked for."""

    verb: str
    """In the past tense, for the receipt: `canceled`."""
    title: str
    """The question of the confirm: `Cancel 3 jobs?`."""
    request: Request[Any]
    """Answered by `Acted`, `Applied` or `Submitted`."""
    effects: tuple[str, ...] = ()
    """Consequences, one a line."""
    confirm: bool = False
    count: int = 1
    """How many objects it is for."""
    undo: str = ""
    """What `u` would do about it afterwards: `uncancel`, `release`, `hold`, `priority`…"""
    back: Request[Acted] | None = None
    """What takes it back, where that is known beforehand."""
    ends: int | None = None
    """The one job that it ends: those that depend on it would be skipped."""

    @property
    def typed(self) -> bool:
        """Whether the confirm wants the number of objects typed."""
        return self.count > TYPED_ABOVE


LOOKS_ONLY: Final = "this console was started to look only"

WhyNot = Callable[[Situation], str | None]
Planner = Callable[[Situation], Plan]


def why_not_act(now: Situation) -> str | None:
    """Why nothing may be changed now; None if it may."""
    if now.past:
        return now.past
    if now.link:
        return now.link
    if now.read_only:
        if now.never_acts:
            return LOOKS_ONLY
        return "read-only: :arm 10m allows acts for ten minutes"
    return None
