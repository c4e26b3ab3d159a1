"""Repeats become one row; nothing is lost, nothing is told twice."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.events.folding import RUN, WITHIN_US, folded
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.levels import PROBLEMS

NOW = 1_795_000_000_000_000
S = 1_000_000


def an_event(seq: int, kind: EventType = EventType.JOB_FAILED, **changed: object) -> Event:
    known = {"at": NOW + seq * S, "job": JobId(seq), "cause": "exit 1"}
    return Event(seq=Seq(seq), type=kind, **{**known, **changed})  # type: ignore[arg-type]


@st.composite
def logs(draw):
    kinds = [EventType.JOB_FAILED, EventType.JOB_STARTED, EventType.JOB_RETRY]
    at, log = NOW, []
    for seq in range(1, draw(st.integers(0, 40)) + 1):
        at += draw(st.integers(-5, 40)) * S
        kind = draw(st.sampled_from(kinds))
        log.append(an_event(seq, kind, at=at, cause=draw(st.sampled_from(["", "a", "b"]))))
    return log[::-1]


@given(logs())
def test_every_event_is_in_one_row_and_rows_are_newest_first(log):
    rows = folded(log)
    assert sorted(e.seq for row in rows for e in row.events) == sorted(e.seq for e in log)
    newest = [row.newest.seq for row in rows]
    assert newest == sorted(newest, reverse=True)
    for row in rows:
        seqs = [event.seq for event in row.events]
        assert seqs == sorted(seqs, reverse=True)


@given(logs())
def test_a_row_tells_one_thing_that_happened_in_a_short_time(log):
    for row in folded(log):
        assert len({(event.type, event.cause) for event in row.events}) == 1
        assert all(0 <= e.at - row.events[-1].at <= WITHIN_US for e in row.events)
        if row.newest.type not in PROBLEMS:
            assert row.repeats == 0 or len(row.events) >= RUN


@given(logs(), st.integers(0, 40))
def test_a_row_keeps_its_name_while_repeats_come(log, cut):
    before, after = folded(log[cut:]), folded(log)
    names = {event.seq: row.id for row in after for event in row.events}
    for row in before:
        if row.newest.type in PROBLEMS:
            assert names[Seq(row.id)] == row.id


def test_failures_alike_are_one_row_though_others_lie_between():
    log = [
        an_event(5),
        an_event(4, EventType.JOB_STARTED),
        an_event(3),
        an_event(2, cause="exit 2"),
        an_event(1),
    ]
    assert [[e.seq for e in row.events] for row in folded(log)] == [[5, 3, 1], [4], [2]]


def test_those_with_one_fingerprint_are_alike_whatever_their_words():
    told = {"now": {"trouble": {"fp": "ab12"}}}
    log = [an_event(2, cause="disk 7 full", data=told), an_event(1, cause="no", data=told)]
    assert [row.repeats for row in folded(log)] == [1]


def test_what_is_no_problem_is_folded_only_in_a_row():
    starts = [an_event(n, EventType.JOB_STARTED, cause="") for n in (9, 8, 7)]
    assert [row.repeats for row in folded(starts)] == [2]
    assert [row.repeats for row in folded(starts[:2])] == [0, 0]
    other = an_event(6, EventType.JOB_HELD)
    broken = [starts[0], starts[1], other, an_event(5, EventType.JOB_STARTED, cause="")]
    assert [row.repeats for row in folded(broken)] == [0, 0, 0, 0]
