"""`grep` and `logs --grep`: what is found, with numbers, and what was not looked at."""

import json

import pytest

from engine.control.messages import SearchLog, SearchLogs
from engine.control.views import LogFound, LogHit, LogsFound, SearchTotal
from tests.crabtui.cli.conftest import Crab, Ran
from tests.kit.fake_door import FakeDoor


def a_log(job: int, *hits: LogHit, **fields: object) -> LogsFound:
    known = {"name": "make", "attempt": f"{job}-1-1", "number": 1, "stream": "err"}
    return LogsFound(job=job, worker="node-7", hits=hits, **{**known, **fields})


def the_end(**fields: object) -> LogsFound:
    known = {
        "matched": 40,
        "matched_is_exact": True,
        "jobs": 40,
        "logs": 80,
        "bytes": 2_097_152,
    }
    total = SearchTotal(**{**known, "hits": 2, "unread": 0, **fields})
    return LogsFound(total=total)


def test_lines_come_with_their_numbers_and_jobs(crab: Crab, door: FakeDoor) -> None:
    door.answers[SearchLogs] = [
        a_log(12, LogHit(offset=9, before=3, data=b"oom \xff"), more=True),
        a_log(13, LogHit(offset=0, before=0, data=b"Oom")),
        the_end(),
    ]
    ran = crab("grep", "oom", "state:failed", "since:1h", "-m", "1")
    assert ran == Ran(
        0,
        "#12 stderr of attempt 1 on node-7: make\n"
        "      4: oom \udcff\n      -- it has more\n\n"
        "#13 stderr of attempt 1 on node-7: make\n      1: Oom\n",
        "crabtui: 2 lines in 40 jobs of 40, 80 logs and 2.0 MB looked at\n",
    )
    [asked] = door.asked(SearchLogs)
    assert (asked.pattern, asked.where, asked.each) == ("oom", "state:failed since:1h", 1)


def test_lines_around_are_printed_once(crab: Crab, door: FakeDoor) -> None:
    first = LogHit(offset=0, before=2, data=b"m3", above=(b"2",), below=(b"4", b"m5"))
    second = LogHit(offset=0, before=4, data=b"m5", above=(b"m3", b"4"), below=(b"6",))
    far = LogHit(offset=0, before=20, data=b"m21", above=(b"20",))
    door.answers[SearchLog] = [
        LogFound(
            attempt="1-1-1",
            start=0,
            end=9,
            lines=30,
            size=9,
            dropped=0,
            hits=(first, second, far),
        )
    ]
    ran = crab("logs", "12", "--grep", "m", "-C", "2")
    assert ran.out.split("\n") == [
        "      2- 2",
        "      3: m3",
        "      4- 4",
        "      5: m5",
        "      6- 6",
        "--",
        "     20- 20",
        "     21: m21",
        "",
    ]


@pytest.mark.parametrize(
    ("total", "code", "says"),
    [
        ({"hits": 0}, 1, "0 lines in 40 jobs of 40"),
        ({"hits": 0, "unread": 2}, 3, "2 logs could not be read"),
        ({"ended_by": "jobs", "matched": 38_112}, 0, "of 38,112"),
        ({"ended_by": "time"}, 0, "--within takes longer"),
    ],
)
def test_the_end_says_what_was_not_looked_at(
    crab: Crab, door: FakeDoor, total: dict[str, object], code: int, says: str
) -> None:
    door.answers[SearchLogs] = [the_end(**total)]
    ran = crab("grep", "oom")
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err


def test_what_could_not_be_read_is_named(crab: Crab, door: FakeDoor) -> None:
    door.answers[SearchLogs] = [
        a_log(12, trouble="`a` is out of reach: \x1b[2Jno route"),
        the_end(),
    ]
    ran = crab("grep", "oom")
    assert "#12 stderr of attempt 1 was not read: `a` is out of reach: no route" in ran.err


def test_options_say_where_to_look(crab: Crab, door: FakeDoor) -> None:
    door.answers[SearchLogs] = [the_end()]
    crab("grep", "-E", "o+m", "12", "--err", "--attempts", "-C", "2", "--read", "1")
    [asked] = door.asked(SearchLogs)
    assert (asked.pattern, asked.where, asked.streams) == ("/o+m/", "id:12", "err")
    assert (asked.all_attempts, asked.context, asked.most_bytes) == (True, 2, 2**20)


def test_json_has_one_log_a_line(crab: Crab, door: FakeDoor) -> None:
    door.answers[SearchLogs] = [a_log(12, LogHit(offset=9, before=3, data=b"oom")), the_end()]
    first, last = map(json.loads, crab("grep", "--json", "oom").out.splitlines())
    assert (first["job"], first["hits"][0]["data"]) == (12, "b29t")
    assert last["total"]["logs"] == 80


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("grep", "-E", "(a"), "is never closed"),
        (("grep", ""), "nothing to search for"),
        (("logs", "12", "--grep", "x", "-f"), "--grep looks at the whole log"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_here(
    crab: Crab, words: tuple[str, ...], says: str
) -> None:
    ran = crab(*words)
    assert ran.code != 0
    assert says in ran.err
