"""What an act did, in one line: done, skipped, and why."""

from collections import Counter
from dataclasses import dataclass

from crabtui.acts.plan import Plan
from engine.control.views import Acted, Applied, Result, Submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The outcome of one act."""

    text: str
    ok: bool
    done: tuple[Result, ...]


def as_acted(answer: Acted | Applied | Submitted) -> Acted:
    """Whatever an act is answered by, as what it did to each object."""
    if isinstance(answer, Acted):
        return answer
    if isinstance(answer, Applied):
        return Acted(results=answer.results, matched=len(answer.results))
    results = tuple(Result(id=job.id, ok=True, now="queued") for job in answer.jobs)
    return Acted(results=results, matched=answer.count)


def receipt(plan: Plan, acted: Acted) -> Receipt:
    """`#12 canceled; 2 skipped: it has ended (#13, #14)`."""
    done = tuple(r for r in acted.results if r.ok)
    skipped = [r for r in acted.results if not r.ok]
    parts = []
    if done:
        parts.append(f"{_named(done)} {_verb(plan, done)}")
    parts += _reasons(skipped)
    beyond = acted.matched - len(acted.results)
    if beyond > 0:
        parts.append(f"{beyond:,} more not listed")
    return Receipt(text="; ".join(parts) or "nothing matched", ok=bool(done), done=done)


def _verb(plan: Plan, done: tuple[Result, ...]) -> str:
    now = {r.now for r in done}
    if plan.verb.startswith("priority") and len(now) == 1 and None not in now:
        return f"is now {now.pop()}"
    if plan.verb == "canceled":
        running = sum(state_of(r) == "running" for r in done)
        told = "told to stop" if running else ""
        return told if running == len(done) else f"canceled{told and f' ({running} {told})'}"
    return plan.verb


def state_of(result: Result) -> str:
    """The state that an object is in now, without its marks."""
    return (result.now or "").partition(" (")[0].partition(", ")[0]


def is_changed(result: Result) -> bool:
    """Whether it is not as it was: what was so already is not ours to take back."""
    same = result.was is not None and result.was == result.now
    return result.ok and not same and not (result.now or "").endswith("(0 members)")


def _reasons(skipped: list[Result]) -> list[str]:
    reasons = Counter(map(_why, skipped))
    return [
        f"{_named([r for r in skipped if _why(r) == why])} skipped: {why}"
        for why, _ in reasons.most_common(3)
    ]


def _why(result: Result) -> str:
    """Why it was not done, in the same words for all for which it is the same."""
    error = result.error or "not possible"
    return error.removeprefix(f"#{result.id} ").removeprefix(f"#{result.id}: ")


def _named(results: list[Result] | tuple[Result, ...]) -> str:
    names = [f"#{r.id}" if isinstance(r.id, int) else str(r.id) for r in results]
    return (
        names[0]
        if len(names) == 1
        else f"{len(names):,} ({', '.join(names[:3])}…)"
        if (len(names) > 3)
        else f"{len(names)} ({', '.join(names)})"
    )
