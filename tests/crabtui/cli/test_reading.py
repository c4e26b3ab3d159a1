"""Verbs that only look: tables for people, stable JSON for programs, nothing harmful."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from engine.control.messages import (
    Check,
    CountEvents,
    Explain,
    FollowEvents,
    GetStats,
    ListEvents,
    ListJobs,
    ListQueues,
    ListWorkers,
    ShowJob,
)
from engine.control.views import (
    Checked,
    EventCounts,
    EventsPage,
    Explanation,
    JobDetail,
    LinkView,
    QueuesView,
    WorkersView,
    WorkerView,
)
from engine.errors import NotFound
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.reasons import Gate, GateKind
from tests.crabtui.cli.conftest import Crab
from tests.kit.answers import (
    NOW_AT,
    SECOND,
    a_job,
    a_page,
    a_queue,
    a_row,
    a_usage,
    an_attempt,
    some_stats,
)
from tests.kit.fake_door import FakeDoor, a_daemon
from tests.kit.golden import check_golden

HOSTILE = "evil\x1b]0;owned\x07\x1b[2J\r\nname\u202e"


def a_worker(name: str, **fields: Any) -> WorkerView:
    plain = WorkerView(
        name=name,
        backend="ssh",
        health="healthy",
        draining=False,
        slots=1,
        slots_taken=0,
        capacity={},
        taken={},
        seen_at=0,
    )
    return replace(plain, **fields)


def some_jobs() -> Any:
    return a_page(
        a_row(21, state="running", started_at=NOW_AT - 62 * SECOND, attempt=2, max_attempts=3),
        a_row(20, priority="high", queue="gpu", name="日本語 テスト", note="queue gpu is full"),
        a_row(
            7,
            state="failed",
            started_at=NOW_AT - 8000 * SECOND,
            completed_at=NOW_AT - 733 * SECOND,
            attempt=1,
            exit_code=137,
            name=HOSTILE,
        ),
    )


def test_ls_is_a_table(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListJobs] = some_jobs()
    ran = crab("ls")
    assert (ran.code, ran.err) == (0, "")
    check_golden("cli/ls.txt", ran.out)
    assert door.asked(ListJobs) == [ListJobs(count=30, fold=True)]


def test_ls_takes_words_ids_and_options(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListJobs] = a_page()
    crab("ls", "state:queued", "tag:x", "-n", "5", "--sort", "age", "-r", "--after", "9")
    crab("ls", "12", "14-15")
    assert door.asked(ListJobs) == [
        ListJobs(where="state:queued tag:x", sort="age", descending=True, after=9, count=5),
        ListJobs(where="id:12,14,15", count=30),
    ]


def test_ls_as_json_has_every_field(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListJobs] = a_page(a_row(12), next=12, total=40)
    told = json.loads(crab("ls", "--json", "-n", "1").out)
    assert told["next"] == 12
    [job] = told["jobs"]
    assert (job["id"], job["state"], job["exit_code"], job["tags"]) == (12, "queued", None, [])


def test_ls_turns_pages(crab: Crab, door: FakeDoor) -> None:
    def page(ask: ListJobs) -> Any:
        first = 1 if ask.after is None else ask.after + 1
        rows = [a_row(n) for n in range(first, first + ask.count)]
        return a_page(*rows, total=2000, next=rows[-1].id)

    door.answers[ListJobs] = page
    told = json.loads(crab("ls", "--json", "-n", "700").out)
    assert [job["id"] for job in told["jobs"]] == list(range(1, 701))
    assert told["next"] == 700


def test_an_empty_ls_says_why(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListJobs] = a_page()
    assert crab("ls", "tag:x").err == "crabtui: no job matches tag:x\n"
    assert crab("ls").err == "crabtui: no jobs yet\n"


def test_show(crab: Crab, door: FakeDoor) -> None:
    detail = JobDetail(
        job=a_job(12), attempts=(an_attempt(12),), depends_on=(a_row(3, state="succeeded"),)
    )
    door.answers[ShowJob] = detail
    check_golden("cli/show.txt", crab("show", "#12").out)
    told = json.loads(crab("show", "12", "--json").out)
    assert told["job"]["payload"] == {"argv": ["make", "-j4", "all targets"], "cwd": "/src"}
    assert told["attempts"][0]["id"] == "12-1-3"


def test_show_tells_what_was_used(crab: Crab, door: FakeDoor) -> None:
    door.answers[ShowJob] = JobDetail(job=a_job(12), attempts=(), usage=a_usage(12))
    out = crab("show", "12").out
    assert "cpu     20.0 s, 100% at most" in out
    assert "memory  300 MB at most" in out
    told = json.loads(crab("show", "12", "--json").out)["usage"]
    assert (told["peak_memory_mb"], told["cpu_ms"], len(told["samples"])) == (300, 20_000, 3)


def test_show_tells_whom_an_attempt_made_room_for_and_dates_as_dates(
    crab: Crab, door: FakeDoor
) -> None:
    yielded = {"code": "displaced", "message": "it made room for #7"}
    job = replace(a_job(12), attempt=2, max_attempts=1, constraints={"deadline_at": NOW_AT})
    attempt = replace(an_attempt(12), verdict="canceled", error=yielded, limits="rlimit")
    door.answers[ShowJob] = JobDetail(job=job, attempts=(attempt,), depends_on=())
    out = crab("show", "12").out
    for shown in ("displaced: it made room for #7", "deadline_at 2023-", "none", "rlimit"):
        assert shown in out


def test_show_of_nothing_is_refused(crab: Crab, door: FakeDoor) -> None:
    door.answers[ShowJob] = NotFound("no job #99", field="id")
    ran = crab("show", "99")
    assert (ran.code, ran.err) == (3, "crabtui: no job #99\n")


def test_explain(crab: Crab, door: FakeDoor) -> None:
    gates = (
        Gate(kind=GateKind.STATE, ok=True, text="it is queued"),
        Gate(
            kind=GateKind.QUEUE_LIMIT,
            ok=False,
            text="queue gpu runs 2 of 2",
            facts={"limit": 2},
            holders=(4, 9),
            next_change_at=NOW_AT,
            remedy="crabtui queues limit gpu 3",
        ),
    )
    door.answers[Explain] = Explanation(job=12, state="queued", gates=gates, place=3, seq=8)
    check_golden("cli/explain.txt", crab("explain", "12").out)
    told = json.loads(crab("explain", "12", "--json").out)
    assert told["lane"] == {"place": 3}
    assert told["gates"][1] == {
        "kind": "queue-limit",
        "ok": False,
        "text": "queue gpu runs 2 of 2",
        "facts": {"limit": 2},
        "holders": [4, 9],
        "next_change": NOW_AT,
        "remedy": "crabtui queues limit gpu 3",
        "act": None,
    }


def test_queues(crab: Crab, door: FakeDoor) -> None:
    paused = {"paused_by": "ann", "paused_why": "too hot", "paused_at": NOW_AT - 90 * SECOND}
    door.answers[ListQueues] = QueuesView(
        queues=(a_queue("default", running=3, queued=120), a_queue("gpu", limit=2, **paused))
    )
    check_golden("cli/queues.txt", crab("queues").out)
    told = json.loads(crab("queues", "--json").out)
    assert [queue["name"] for queue in told["queues"]] == ["default", "gpu"]
    assert json.loads(crab("--json", "queues").out) == told


def test_stats(crab: Crab, door: FakeDoor) -> None:
    door.answers[GetStats] = some_stats(a_daemon())
    check_golden("cli/stats.txt", crab("stats").out)
    told = json.loads(crab("stats", "--json").out)
    assert next(iter(told)) == "schema"
    assert told["schema"] == 1
    assert told["daemon"]["pid"] == 4711
    assert told["jobs"]["by_state"] == {"running": 2, "queued": 40}


def an_event(seq: int, **changed: Any) -> Event:
    known = {"at": NOW_AT + seq, "type": EventType.JOB_QUEUED, "job": JobId(12)}
    return Event(seq=Seq(seq), **{**known, **changed})


def test_events_newest_first_asked_for(crab: Crab, door: FakeDoor) -> None:
    found = (
        an_event(7),
        an_event(8, type=EventType.QUEUE_PAUSED, job=None, actor="ann", cause=HOSTILE),
    )
    door.answers[ListEvents] = EventsPage(events=found, head=8)
    check_golden("cli/events.txt", crab("events").out)
    assert door.asked(ListEvents) == [ListEvents(last=True, before=2**62, limit=50)]


def test_more_events_than_fit_a_page_are_all_printed(crab: Crab, door: FakeDoor) -> None:
    def page(ask: ListEvents) -> EventsPage:
        end = min(ask.before or 1201, 1201)
        first = max(1, end - ask.limit)
        found = tuple(an_event(n) for n in range(first, end))
        return EventsPage(events=found, head=1200, reached=first, is_whole=first == 1)

    door.answers[ListEvents] = page
    seen = [
        json.loads(line)["seq"]
        for line in crab("events", "-n", "1100", "--json").out.splitlines()
    ]
    assert seen == list(range(101, 1201))
    seen = [
        json.loads(line)["seq"]
        for line in crab("events", "-n", "9999", "--json").out.splitlines()
    ]
    assert seen == list(range(1, 1201))


def test_events_past_a_number_go_to_the_end(crab: Crab, door: FakeDoor) -> None:
    def page(ask: ListEvents) -> EventsPage:
        last = min(ask.after + 2, 7)
        found = tuple(an_event(n) for n in range(ask.after + 1, last + 1))
        return EventsPage(events=found, head=7, reached=last, is_whole=last == 7)

    door.answers[ListEvents] = page
    lines = crab("events", "--after", "2", "--json", "--job", "12").out.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [3, 4, 5, 6, 7]
    assert json.loads(lines[0]) == {
        "seq": 3,
        "at": NOW_AT + 3,
        "type": "job.queued",
        "job": 12,
        "attempt": None,
        "worker": None,
        "tenant": None,
        "actor": "engine",
        "cause": "",
        "data": {},
    }


def test_events_followed(crab: Crab, door: FakeDoor) -> None:
    door.answers[FollowEvents] = [an_event(5), an_event(6), an_event(7)]
    lines = crab("events", "-f", "--after", "4", "-n", "2", "--json").out.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [5, 6]
    assert door.asked(FollowEvents) == [FollowEvents(after=4)]


def test_events_of_a_filter_since_then_are_streamed_to_the_end(
    crab: Crab, door: FakeDoor
) -> None:
    def page(ask: ListEvents) -> EventsPage:
        if ask.after < 500:  # looked at, and nothing found
            return EventsPage(events=(), head=900, reached=500, is_whole=False)
        return EventsPage(events=(an_event(777),), head=900, reached=900)

    door.answers[ListEvents] = page
    ran = crab("events", "level>=warn", "cause:disk", "--since", "1h", "--json")
    assert [json.loads(line)["seq"] for line in ran.out.splitlines()] == [777]
    where = "level:err,warn cause:disk since:1h"
    assert [ask.where for ask in door.asked(ListEvents)] == [where, where]


def test_events_of_a_filter_that_is_none(crab: Crab, door: FakeDoor) -> None:
    ran = crab("events", "levl:err")
    assert ran.code != 0
    assert "filter, column 1: events have no field 'levl': did you mean 'level'?" in ran.err
    assert not door.asked(ListEvents)


def test_events_followed_with_a_filter(crab: Crab, door: FakeDoor) -> None:
    door.answers[FollowEvents] = [an_event(5)]
    crab("events", "-f", "--after", "4", "-n", "1", "type:queued | worker:gpu-*")
    [asked] = door.asked(FollowEvents)
    assert asked.where == "type:job.queued | worker:gpu-*"


def test_events_counted_over_time(crab: Crab, door: FakeDoor) -> None:
    door.answers[CountEvents] = EventCounts(
        start_at=NOW_AT // 60_000_000 * 60_000_000,
        bucket_s=60,
        err=(0,) * 55 + (0, 1, 0, 4, 8),
        warn=(0,) * 60,
        info=(3,) * 60,
        debug=(0,) * 60,
        head=9,
        now_at=NOW_AT,
    )
    check_golden("cli/event_counts.txt", crab("events", "level:err", "--density", "1m").out)
    told = json.loads(crab("events", "--density", "60", "--json").out)
    assert told["err"][-1] == 8
    first, second = door.asked(CountEvents)
    assert (first.where, first.bucket_s, second.bucket_s) == ("level:err", 60, 60)
    assert crab("events", "--density", "soon").code != 0


def test_doctor(crab: Crab, door: FakeDoor) -> None:
    door.answers[GetStats] = some_stats(a_daemon())
    door.answers[Check] = Checked(problems=())
    door.answers[ListWorkers] = WorkersView(workers=(a_worker("a"),), now_at=0)
    ran = crab("doctor", "--json")
    found = {each["name"]: each for each in json.loads(ran.out)["checks"]}
    assert ran.code == 0
    assert found["daemon"]["text"] == "pid 4711, version 0.1.0, epoch 3"
    assert found["check"]["ok"]


def test_doctor_fails_with_the_daemons_troubles(crab: Crab, door: FakeDoor) -> None:
    door.answers[GetStats] = some_stats(a_daemon(trouble="the disk is full"))
    door.answers[Check] = Checked(problems=("page 4 is torn",))
    door.answers[ListWorkers] = WorkersView(workers=(), now_at=0)
    ran = crab("doctor")
    assert ran.code == 1
    assert "the disk is full" in ran.out
    assert "page 4 is torn" in ran.out


def test_doctor_names_each_worker_that_takes_nothing_and_why(
    crab: Crab, door: FakeDoor
) -> None:
    key = LinkView(state="refused", since_at=1, error="its host key is \x1b[2Junknown")
    gone = LinkView(state="lost", since_at=1, error="no route", next_try_at=9 * SECOND, tries=1)
    shut = (
        a_worker("r", health="down", link=key),
        a_worker("q", quarantined="it fails everything"),
        a_worker("b", breaker="open", breaker_why="no space"),
        a_worker("d", health="down"),
    )
    door.answers[GetStats] = some_stats(a_daemon())
    door.answers[Check] = Checked(problems=(), warnings=("workers a and b are one host",))
    lost = a_worker("l", health="down", link=gone)
    door.answers[ListWorkers] = WorkersView(workers=(a_worker("a"), lost), now_at=SECOND)
    ran = crab("doctor", "--json")
    found = {each["name"]: each for each in json.loads(ran.out)["checks"]}
    assert (ran.code, found["hosts"]["level"], "workers" in found) == (0, "warn", False)
    assert found["worker l"]["level"] == "warn"
    assert "no route (`crabtui workers reconnect l`)" in found["worker l"]["text"]
    door.answers[ListWorkers] = WorkersView(workers=shut, now_at=SECOND)
    ran = crab("doctor")
    found_lines = [line for line in ran.out.splitlines() if "worker " in line]
    assert (ran.code, len(found_lines), "\x1b" in ran.out) == (1, 4, False)
    for text in ("r  refused: its host key", "q  quarantined: it fails", "b  breaker open: no"):
        assert any(text in line for line in found_lines), ran.out


def test_doctor_without_a_daemon_starts_none(crab: Crab) -> None:
    ran = crab("doctor")
    assert ran.code == 0
    assert "none runs" in ran.out


def test_doctor_prints_a_unit(crab: Crab) -> None:
    ran = crab("doctor", "--systemd")
    assert "\nKillMode=process\n" in ran.out
    assert "\nPrivateTmp" not in ran.out
    assert " -P -m crabtui --daemon --state " in ran.out
    [reload] = [line for line in ran.out.splitlines() if line.startswith("ExecReload=")]
    assert " -P -m crabtui reload --state " in reload


@pytest.mark.parametrize("verb", [("ls",), ("show", "12")])
def test_hostile_text_is_harmless(crab: Crab, door: FakeDoor, verb: tuple[str, ...]) -> None:
    door.answers[ListJobs] = a_page(a_row(12, name=HOSTILE, note=HOSTILE))
    door.answers[ShowJob] = JobDetail(job=a_job(12, name=HOSTILE, tags=(HOSTILE,)), attempts=())
    out = crab(*verb).out
    assert "evil" in out
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(out)
