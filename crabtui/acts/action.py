"""One thing that a key can do, and when it is allowed."""

from dataclasses import dataclass

from crabtui.acts.plan import LOOKS_ONLY, Planner, WhyNot
from crabtui.acts.situation import Scope, Situation

LISTS = frozenset({Scope.GROUPS, Scope.QUEUES, Scope.STUCK, Scope.WORKERS})
"""Where rows are no jobs."""


def always(_: Situation) -> str | None:
    """Nothing stands in the way."""
    return None


def no_job(now: Situation) -> str | None:
    """Why there is nothing to look at."""
    return None if now.jobs or LISTS & {*now.scopes} else "no job here"


def only_looks(now: Situation) -> str | None:
    """Why no file may be written: whoever looks may be in a browser, and the file is ours."""
    return LOOKS_ONLY if now.never_acts else None


def no_worker(now: Situation) -> str | None:
    """Why there is no worker to go to."""
    return None if now.worker else "no worker here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that a key can do."""

    id: str
    keys: tuple[str, ...]
    """As Textual names them; the first is the one shown. None: only in the action menu."""
    title: str
    """A word or two, for the footer."""
    help: str
    """One sentence, for the help screen and the README."""
    scopes: frozenset[Scope]
    why_not: WhyNot = always
    plan: Planner | None = None
    rank: int = 0
    """Place in the footer, from 1; 0: never there."""

    @property
    def acts(self) -> bool:
        """Whether it changes anything in the engine."""
        return self.why_not not in (always, no_job, no_worker, only_looks)

    def why_not_as(self, meant: Situation, now: Situation) -> str | None:
        """Why it cannot be done to what was meant when it was chosen; None if it can."""
        if self.acts and now.subject != meant.subject:
            return "the list has moved meanwhile; nothing was done"
        return self.why_not(now)


def an_action(
    name: str,
    keys: str,
    title: str,
    help_: str,
    *scopes: Scope,
    why_not: WhyNot = always,
    plan: Planner | None = None,
    rank: int = 0,
) -> Action:
    """An action by its keys as words of one line; without a scope it works everywhere."""
    return Action(
        id=name,
        keys=tuple(keys.split()),
        title=title,
        help=help_,
        scopes=frozenset(scopes or (Scope.GLOBAL,)),
        why_not=why_not,
        plan=plan,
        rank=rank,
    )
