"""Counting and suggesting values of a small world's jobs."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from engine.control import messages as m
from engine.control import views as v
from engine.model.filter.values import Word

COLUMNS = {
    "queue": "queue",
    "state": "state",
    "name": "name",
    "worker": "worker_id",
    "owner": "owner",
    "prio": "priority",
    "tenant": "tenant_id",
    "reason": "note",
}


def _values(by: str, row: v.JobRow) -> tuple[str | None, ...]:
    if by == "tag":
        return row.tags or (None,)
    found = getattr(row, COLUMNS[by]) if by in COLUMNS else None
    return (found or None,)


def group(rows: Iterable[v.JobRow], ask: m.GroupJobs, seq: int) -> v.GroupsView:
    """As the engine answers."""
    counts: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for value in _values(ask.by, row):
            counts[value][row.state] += 1
    groups = [
        v.GroupView(
            value=value,
            count=states.total(),
            by_state=dict(states),
            where=f"!{ask.by}:*" if value is None else f"{ask.by}:{Word(value)}",
        )
        for value, states in counts.items()
    ]
    groups.sort(key=lambda each: (-each.count, each.value or ""))
    return v.GroupsView(
        by=ask.by,
        groups=tuple(groups[: ask.count]),
        others=max(len(groups) - ask.count, 0),
        jobs=sum(each.count for each in groups),
        is_exact=True,
        seq=seq,
    )


def suggest(rows: Iterable[v.JobRow], ask: m.Suggest) -> v.Suggestions:
    """As the engine answers."""
    counts = Counter(value for row in rows for value in _values(ask.field, row) if value)
    begun = ask.begun.lower()
    found = [(value, number) for value, number in counts.items() if begun in value.lower()]
    found.sort(key=lambda each: (not each[0].lower().startswith(begun), -each[1], each[0]))
    return v.Suggestions(
        field=ask.field,
        values=tuple(v.ValueCount(value=value, count=number) for value, number in found),
        is_exact=True,
    )
