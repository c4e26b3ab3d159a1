"""Taking back the last act: by withdrawing it in its grace, or by its inverse."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crabtui.acts.jobs import UNDO_MS
from crabtui.acts.plan import Plan
from engine.control.messages import (
    Cancel,
    Hold,
    Pause,
    Release,
    Request,
    Resume,
    SetPriority,
    SetQueue,
    Targets,
    Uncancel,
)
from engine.control.views import Acted, QueueView, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverse:
    """One request that takes something back."""

    request: Request[Acted]
    set_to: str | None = None
    """The priority that we set: taken back only where it is still that."""
    jobs: tuple[int, ...] = ()
    sent: Request[Any] | None = None
    """What is taken back, of a queue or a worker: only while it is as we set it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How the last act is taken back, and until when."""

    what: str
    inverses: tuple[Inverse, ...]
    until_s: float | None = None
    """On the console's monotonic clock; None: as long as the value is still ours."""

    def is_open(self, now_s: float) -> bool:
        """Whether there is still time."""
        return self.until_s is None or now_s < self.until_s


def undo_of(plan: Plan, done: Iterable[Result], now_s: float, text: str) -> Undo | None:
    """How `plan` is taken back from the objects that it was done to; None if it cannot be."""
    results = [result for result in done if isinstance(result.id, int)]
    ids = tuple(int(result.id) for result in results)
    match plan.undo:
        case "uncancel":
            waiting = tuple(int(r.id) for r in results if _is_in_grace(r))
            if not waiting:
                return None
            request = Uncancel(targets=Targets(ids=waiting))
            until_s = now_s + UNDO_MS / 1000
            return Undo(what=text, inverses=(Inverse(request=request),), until_s=until_s)
        case "cancel":
            return _one(text, Cancel(targets=Targets(ids=ids))) if ids else None
        case "release":
            return _one(text, Release(targets=Targets(ids=ids))) if ids else None
        case "hold":
            return _one(text, Hold(targets=Targets(ids=ids))) if ids else None
        case "let go on":
            return _one(text, Resume(targets=Targets(ids=ids))) if ids else None
        case "keep still":
            return _one(text, Pause(targets=Targets(ids=ids))) if ids else None
        case "priority":
            return _priorities(text, results)
        case "resume" | "pause":
            assert isinstance(plan.request, SetQueue)
            again = SetQueue(name=plan.request.name, pause=plan.undo == "pause")
            return undo_by(again, text, plan.request)
    return None


def _is_in_grace(result: Result) -> bool:
    """Whether its cancel can be taken back; of an array some of its members' may."""
    state, _, marks = (result.now or "").partition(", ")
    return "members)" in marks + state or state not in ("running", "canceled")


def limit_as_was(queue: QueueView) -> SetQueue:
    """What gives a queue this limit again, and leaves it to the configuration if it was."""
    if "limit" not in queue.own:
        return SetQueue(name=queue.name, unset=("limit",))
    return SetQueue(name=queue.name, limit=queue.limit, no_limit=queue.limit is None)


def weight_as_was(queue: QueueView) -> SetQueue:
    """The same for its weight."""
    if "weight" not in queue.own:
        return SetQueue(name=queue.name, unset=("weight",))
    return SetQueue(name=queue.name, weight=queue.weight)


def undo_of_limit(sent: SetQueue, before: QueueView | None, text: str) -> Undo:
    """Set a queue's limit back to what it was; None: there was no such queue."""
    back = limit_as_was(before) if before else SetQueue(name=sent.name, unset=("limit",))
    return undo_by(back, text, sent)


def undo_by(back: Request[Acted], text: str, sent: Request[Any]) -> Undo:
    """Take what was `sent` back with a request that is known already."""
    return Undo(what=text, inverses=(Inverse(request=back, sent=sent),))


def _one(what: str, request: Request[Acted]) -> Undo:
    return Undo(what=what, inverses=(Inverse(request=request),))


def _priorities(what: str, results: list[Result]) -> Undo | None:
    moves: dict[tuple[str, str], list[int]] = {}
    for result in results:
        now = (result.now or "").partition(" (")[0]  # of an array with its members
        if result.was and now and result.was != now:
            moves.setdefault((result.was, now), []).append(int(result.id))
    inverses = tuple(
        Inverse(
            request=SetPriority(targets=Targets(ids=tuple(ids)), to=was),
            set_to=now,
            jobs=tuple(ids),
        )
        for (was, now), ids in moves.items()
    )
    return Undo(what=what, inverses=inverses) if inverses else None


def uncancel(jobs: Iterable[int]) -> Plan:
    """Withdraw the cancels of these jobs that are in their grace."""
    return Plan(
        verb="back: not canceled",
        title="",
        request=Uncancel(targets=Targets(ids=tuple(jobs))),
    )
