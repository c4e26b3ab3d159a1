"""`group`: jobs counted by a field; queued ones by what their lane waits for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from engine.control.messages import GroupJobs
from engine.control.views import GroupsView, GroupView
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import Moment, moment
from engine.daemon.past.reasons import UNKNOWN
from engine.daemon.pictures.reasoned import read_filter
from engine.daemon.pictures.waiting_filter import lane_filter
from engine.errors import InvalidSpec
from engine.model.filter import Op, Term
from engine.model.filter.fields import OTHER_NAMES
from engine.model.filter.values import Glob, Number, Word
from engine.model.snapshot import LaneKey
from engine.model.states import State
from engine.model.words import unknown
from engine.policy.why.explain import headline
from engine.store.values import GROUPS, Grouped, Grouping

MOST: Final = 500
TURN: Final = "waits for its turn"
COUNTED: Final = 100_000
"""Jobs that one question may have counted."""


async def answer(desk: Desk, _: Caller, ask: GroupJobs) -> GroupsView:
    """The values of a field and how many jobs have each, most first, then by name.

    Raises:
        InvalidSpec: jobs cannot be counted by this field, or the filter cannot be read.
    """
    by = OTHER_NAMES.get(ask.by, ask.by)
    if by not in GROUPS:
        raise unknown("group", ask.by, GROUPS, field="by")
    if not 1 <= ask.count <= MOST:
        raise InvalidSpec(f"count {ask.count}: 1 to {MOST} values", field="count")
    when = await moment(desk, ask.as_of)
    query = read_filter(desk, ask.where, ask.as_of)
    grouped = await when.reads.grouped(
        Grouping(
            by=by,
            query=query,
            is_folded=ask.fold,
            limit=COUNTED,
            newest=query.is_empty,
            now_at=when.now_at,
        )
    )
    groups = sorted(_groups(when, by, grouped), key=lambda g: (-g.count, g.value or ""))
    shown = tuple(groups[: ask.count])
    return GroupsView(
        by=by,
        groups=shown,
        others=len(groups) - len(shown),
        jobs=sum(group.count for group in groups),
        is_exact=grouped.is_exact,
        seq=when.seq,
    )


def _groups(when: Moment, by: str, grouped: Grouped) -> Iterable[GroupView]:
    for value, states in grouped.values.items():
        yield _group(value, states, str(Term(by, _op(by), (_value(by, value),))))
    if grouped.without:
        yield _group(None, grouped.without, _nothing(by))
    yield from _waiting(when, grouped.lanes)


def _nothing(by: str) -> str:
    """The filter of the jobs that have no value, if there is one."""
    return "" if by in ("exit", "reason") else f"!{Term(by, Op.HAS, (Glob('*'),))}"


def _group(value: str | None, states: Mapping[str, int], where: str) -> GroupView:
    return GroupView(
        value=value, count=sum(states.values()), by_state=dict(states), where=where
    )


def _op(by: str) -> Op:
    return Op.IS if by in ("name", "reason") else Op.HAS


def _value(by: str, value: str) -> Word | Number:
    return Number(int(value)) if by == "exit" else Word(value)


def _why(when: Moment, lane: LaneKey) -> str:
    if when.working_set is None:
        return UNKNOWN
    hold = when.working_set.why_waits(lane)
    return headline([hold]) if hold else TURN


def _waiting(when: Moment, lanes: Mapping[LaneKey, int]) -> Iterable[GroupView]:
    """Queued jobs, by the words with which the last round of grants passed them over."""
    counts: defaultdict[str, int] = defaultdict(int)
    alike: defaultdict[str, list[LaneKey]] = defaultdict(list)
    for lane, number in lanes.items():
        words = _why(when, lane)
        counts[words] += number
        alike[words].append(lane)
    for words, number in counts.items():
        where = f"reason={Word(words)}"
        if words in (TURN, UNKNOWN):
            where = lane_filter(alike[words])
        yield _group(words, {State.QUEUED.value: number}, where)
