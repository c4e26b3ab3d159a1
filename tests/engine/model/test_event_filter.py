"""Filters of events: what they mean, how they are written, and what is no filter."""

import pytest
from hypothesis import given

from engine.errors import InvalidSpec
from engine.model.event_filter import (
    asks_types_alone,
    event_matches,
    job_passing,
    parse_events,
    times_passing,
    types_passing,
)
from engine.model.events import Event, EventType
from engine.model.filter import EMPTY
from engine.model.ids import JobId, Seq
from engine.model.levels import LEVELS, PROBLEMS, Level
from tests.engine.model.event_strategies import NOW, events, queries

FAILED = Event(
    seq=Seq(7),
    at=NOW - 90_000_000,
    type=EventType.JOB_FAILED,
    job=JobId(12),
    worker="gpu-05",
    tenant="lab",
    cause="exit 1",
    data={"error": "No space left on device", "now": {"queue": "gpu"}},
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "level:err",
        "level>=warn",
        "level>=info",
        "level:e",
        "level:error",
        "type:failed",
        "type:job.failed",
        "type:job.*",
        "type~fail",
        "type!=job.started",
        "kind:job",
        "!kind:worker,queue",
        "job:12",
        "id:#12",
        "job:10..20",
        "#12",
        "worker:gpu-*",
        "host:gpu-05",
        "queue:gpu",
        "tenant:lab",
        "actor:engine",
        "cause:EXIT",
        "since:2m",
        "until:1m",
        '"no space left"',
        "nospace | device",
        "/left on dev[a-z]+/",
    ],
)
def test_what_passes(text: str) -> None:
    assert event_matches(parse_events(text), FAILED, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "level:warn",
        "level<err",
        "level!=err",
        "type:started",
        "kind:queue",
        "job:13",
        "#13",
        "attempt:1",
        "attempt!=1",
        "queue!=gpu",
        "since:1m",
        "until:2m",
        "nospace",
        "-exit",
    ],
)
def test_what_does_not_pass(text: str) -> None:
    assert not event_matches(parse_events(text), FAILED, NOW)


@pytest.mark.parametrize(
    ("text", "message", "nearest"),
    [
        ("levl:err", "column 1: events have no field 'levl': did you mean 'level'?", "level"),
        ("level:bad", "column 7: unknown level 'bad': one of: err, warn, info, debug", None),
        ("type:job.faild", "column 6: unknown type 'job.faild': did you mean", "job.failed"),
        ("level>err", "column 7: nothing is worse than err", None),
        ("level<debug", "column 7: nothing is less than debug", None),
        ("kind>job", "column 6: kind has no order; use kind:", None),
        ("a state:failed", "column 3: events have no field 'state'", "..."),
        ("job.x:1", "column 1: job has no parts", "job"),
        ("job:x", "column 5: 'x' is no value of job", None),
        ("since:soon", "column 7: 'soon' is no time", None),
        ("level~[", "column 7: bad regular expression", None),
    ],
)
def test_what_is_no_filter(text: str, message: str, nearest: str | None) -> None:
    with pytest.raises(InvalidSpec) as refused:
        parse_events(text)
    assert f"filter, {message}" in refused.value.message
    assert nearest == "..." or refused.value.nearest == nearest


@given(queries)
def test_a_filter_is_written_as_it_is_read(query) -> None:
    assert parse_events(query.text) == query


@given(events, queries)
def test_a_plan_leaves_nothing_out(event, query) -> None:
    if not event_matches(query, event, NOW):
        return
    assert event.type in types_passing(query)
    assert job_passing(query) in (None, event.job)
    low, high = times_passing(query, NOW)
    assert low is None or event.at >= low
    assert high is None or event.at < high


@given(events, queries)
def test_where_kinds_alone_are_asked_for_they_decide(event, query) -> None:
    if asks_types_alone(query):
        passes = event.type in types_passing(query)
        assert event_matches(query, event, NOW) is passes


def test_plans_of_plain_filters() -> None:
    assert asks_types_alone(EMPTY)
    assert types_passing(parse_events("level>=warn")) == PROBLEMS
    assert job_passing(parse_events("level:err job:5")) == 5
    assert job_passing(parse_events("job:5..6")) is None
    assert times_passing(parse_events("since:2m since:1m"), NOW) == (NOW - 60_000_000, None)


def test_every_kind_of_event_has_a_level_and_what_fails_is_an_error() -> None:
    assert set(LEVELS) == set(EventType)
    assert LEVELS[EventType.JOB_FAILED] is Level.ERR
    assert LEVELS[EventType.JOB_STARTED] is Level.INFO
    assert EventType.JOB_RETRY in PROBLEMS
