"""Rows of events: what they say, and what they never let through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.events.export import exported, heading
from crabtui.data.events.rows import cells, head, rows, subject_of
from crabtui.data.events.suggest import suggest_events
from crabtui.data.fitting import cells as width_of
from engine.model.event_filter import parse_events
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.levels import SUBJECTS, Subject
from tests.engine.model.event_strategies import events

NOW = 1_795_000_000_000_000
DAY = 86_400_000_000
OF_JOBS = {Subject.JOB, Subject.ATTEMPT, Subject.ARRAY, Subject.WORKFLOW, Subject.CRON}


def an_event(kind: EventType, **fields: object) -> Event:
    known = {"seq": Seq(7), "at": NOW, "type": kind}
    return Event(**{**known, **fields})  # type: ignore[arg-type]


def text(event: Event, width: int = 80, now_at: int | None = None) -> str:
    [row] = rows([event], frozenset())
    return "".join(part for part, _ in cells(row, width, now_at=now_at)).rstrip()


def test_rows_stand_under_their_titles() -> None:
    event = an_event(EventType.JOB_FAILED, job=JobId(12), worker="gpu-05", cause="exit 1")
    line, title = text(event), head(80)
    assert line.index("✗") == title.index("L")
    assert line.index("#12") == title.index("SUBJECT")
    assert line.index("failed") == title.index("EVENT")
    assert line.index("gpu-05") == title.index("DETAIL")


def test_subjects() -> None:
    assert subject_of(an_event(EventType.JOB_STARTED, job=JobId(3))) == "#3"
    assert subject_of(an_event(EventType.WORKER_BREAKER, worker="w")) == "worker w"
    assert subject_of(an_event(EventType.QUEUE_PAUSED, data={"queue": "q"})) == "queue q"
    assert subject_of(an_event(EventType.OPERATOR_ACTED, actor="ann")) == "operator ann"
    assert subject_of(an_event(EventType.DAEMON_STARTED)) == "daemon"
    assert subject_of(an_event(EventType.CRON_MISSED, data={"cron": "c"})) == "cron c"
    assert subject_of(an_event(EventType.CRON_MISSED, data={"cron": "c\x1b[2J"})) == "cron c"
    assert subject_of(an_event(EventType.CRON_MISSED)) == "cron"


@pytest.mark.parametrize("kind", [kind for kind in EventType if SUBJECTS[kind] in OF_JOBS])
def test_the_word_of_what_befell_a_job_is_never_cut(kind: EventType) -> None:
    assert "…" not in text(an_event(kind, job=JobId(12)))


def test_a_run_of_a_workflow_is_told_of_in_the_words_of_jobs() -> None:
    for word in ("started", "completed", "failed", "canceled"):
        of_a_run = an_event(EventType(f"workflow.{word}"), job=JobId(12))
        of_a_job = an_event(EventType(f"job.{word}"), job=JobId(12))
        assert text(of_a_run) == text(of_a_job)


def test_another_day_is_told() -> None:
    event = an_event(EventType.JOB_STARTED)
    assert text(event, now_at=NOW).split()[0] == "11:06:40.000"
    assert text(event, now_at=NOW + 2 * DAY).split()[:3] == ["18", "Nov", "11:06"]
    assert text(event, now_at=NOW + 400 * DAY).split()[0] == "26-11-18"


@given(events, st.integers(60, 200))
def test_a_row_is_one_line_and_no_wider_than_it_may_be(event, width):
    line = text(event, width)
    assert width_of(line) <= width
    assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in line)


@given(st.lists(events, max_size=5))
def test_a_table_has_no_cell_that_a_spreadsheet_computes(some):
    import csv
    from io import StringIO

    sheet = heading(".csv") + exported(some, ".csv")
    read = list(csv.reader(StringIO(sheet, newline="")))
    assert len(read) == len(some) + 1
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in read for cell in row if cell)


def test_suggestions_are_filters_of_events() -> None:
    offered = suggest_events("", 0, {})
    assert [s.text for s in offered][:3] == ["level:", "type:", "kind:"]
    [one] = suggest_events("job:3 lev", 9, {})
    assert (one.text, one.start, one.end) == ("level:", 6, 9)
    words = suggest_events("level:err,w", 11, {})
    assert [s.text for s in words] == ["warn"]
    known = suggest_events("worker:", 7, {"worker": ["gpu 1"]})
    assert [s.text for s in known] == ['"gpu 1"']
    assert parse_events(f"worker:{known[0].text}").text == 'worker:"gpu 1"'
    assert suggest_events('"level:', 7, {}) == []
