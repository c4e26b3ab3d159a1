"""Acts: targets, questions, what is told, and exit codes."""

import json
import os
import pty
from collections.abc import Iterator
from typing import Any

import pytest

from engine.control.messages import (
    Cancel,
    Edit,
    Hold,
    ListJobs,
    Pause,
    Release,
    Resume,
    Retry,
    SetPriority,
    SetQueue,
    SetWorker,
    Targets,
    Uncancel,
)
from engine.control.views import Acted, Result
from tests.crabtui.cli.conftest import Crab
from tests.kit.answers import a_page, acted
from tests.kit.fake_door import FakeDoor

DONE = acted(Result(id=12, ok=True, was="queued", now="canceled"))
IDS = Targets(ids=(12, 13))


@pytest.mark.parametrize(
    ("words", "ask"),
    [
        ("cancel 12 #13", Cancel(targets=IDS)),
        ("cancel 12-13 --why slow --kill", Cancel(targets=IDS, why="slow", kill=True)),
        ("cancel 12,13 --undo 5s", Cancel(targets=IDS, undo_ms=5_000)),
        ("cancel 12 13 --withdraw", Uncancel(targets=IDS)),
        ("hold 12..13 --why later", Hold(targets=IDS, why="later")),
        ("release 12 13", Release(targets=IDS)),
        ("retry 12 13 12", Retry(targets=IDS)),
        ("priority high 12 13", SetPriority(targets=IDS, to="high")),
        ("priority realtime 12 13", SetPriority(targets=IDS, to="critical")),
        ("priority up 12 13", SetPriority(targets=IDS, raise_by=1)),
        ("priority down 12 13", SetPriority(targets=IDS, raise_by=-1)),
        ("hold state:queued tag:x --yes", Hold(targets=Targets(where="state:queued tag:x"))),
        ("hold -y --where a|b", Hold(targets=Targets(where="a|b"))),
        ("pause 12 13 --clocks", Pause(targets=IDS, clocks=True)),
        ("resume 12 13", Resume(targets=IDS)),
        ("queues pause gpu --why hot", SetQueue(name="gpu", pause=True, why="hot")),
        ("queues resume gpu", SetQueue(name="gpu", pause=False)),
        ("queues limit gpu 3", SetQueue(name="gpu", limit=3)),
        ("queues limit gpu none", SetQueue(name="gpu", no_limit=True)),
        ("queues weight gpu 2", SetQueue(name="gpu", weight=2)),
        ("edit 12 13 --memory 4G", Edit(targets=IDS, changes={"memory": "4G"})),
        (
            "edit 12 13 --tag a --tag b --clear deadline --gpus 2",
            Edit(targets=IDS, changes={"deadline": None, "tags": ["a", "b"], "gpus": 2}),
        ),
        ("workers drain w1 --why disk", SetWorker(name="w1", drain=True, why="disk")),
        ("workers resume w1", SetWorker(name="w1", drain=False)),
    ],
)
def test_words_become_the_request(crab: Crab, door: FakeDoor, words: str, ask: Any) -> None:
    door.answers[type(ask)] = DONE
    ran = crab(*words.split())
    assert (ran.code, ran.out, ran.err) == (0, "#12 queued → canceled\n", "")
    assert door.asked(type(ask)) == [ask]


def test_one_refusal_makes_it_three(crab: Crab, door: FakeDoor) -> None:
    door.answers[Hold] = acted(
        Result(id=12, ok=True, was="queued", now="queued"),
        Result(id=13, ok=False, error="it has ended"),
    )
    ran = crab("hold", "12", "13")
    assert (ran.code, ran.out, ran.err) == (3, "#12 queued\n", "crabtui: #13: it has ended\n")


def test_json_has_every_field_of_every_result(crab: Crab, door: FakeDoor) -> None:
    door.answers[Hold] = acted(Result(id=13, ok=False, error="it has ended"))
    ran = crab("--json", "hold", "13")
    assert json.loads(ran.out) == {
        "results": [{"id": 13, "ok": False, "was": None, "now": None, "error": "it has ended"}]
    }
    assert ran.code == 3


def test_many_are_counted(crab: Crab, door: FakeDoor) -> None:
    results = tuple(Result(id=n, ok=True, was="queued", now="canceled") for n in range(1, 31))
    door.answers[Cancel] = Acted(results=results, matched=1030)
    ran = crab("cancel", "--yes", "state:queued")
    assert ran.out == "30 jobs\n"
    assert ran.err == "crabtui: it was done to 1,000 more, which are not named here\n"


def test_a_filter_without_terminal_needs_yes(crab: Crab, door: FakeDoor) -> None:
    ran = crab("cancel", "state:queued")
    assert ran.code == 2
    assert "needs --yes" in ran.err
    assert door.asked(Cancel) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("cancel", "which jobs?"),
        ("cancel 12 state:queued", "'state:queued' is not an id"),
        ("cancel 12 --where x", "not both"),
        ("cancel 20-10", "goes backwards"),
        ("cancel 1-99999999", "at most 10000 ids"),
        ("cancel 0", "'0' is not a job id"),
        ("cancel 12 --undo soon", "'soon' is no duration"),
        ("priority urgent 12", "unknown priority 'urgent'"),
        ("priority hgih 12", "did you mean 'high'?"),
        ("queues limit gpu many", "'many' is no limit"),
        ("queues limit gpu -- -1", "'-1' is no limit"),
        ("queues weight gpu 0", "'0' is no weight"),
        ("queues pause b@d", "queue 'b@d'"),
        ("queues paus gpu", "did you mean 'pause'?"),
        ("cancl 12", "did you mean 'cancel'?"),
    ],
)
def test_bad_use(crab: Crab, door: FakeDoor, words: str, message: str) -> None:
    ran = crab(*words.split())
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert door.asks == []


class Terminal:
    """A terminal in the place of standard input, and somebody who types at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._person, ours = pty.openpty()
        self._stdin = os.fdopen(ours)

    def type(self, text: str) -> None:
        """Sit down and type; only in a test's own phase, because pytest swaps streams."""
        self._monkeypatch.setattr("sys.stdin", self._stdin)
        self._monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        os.write(self._person, text.encode())

    def close(self) -> None:
        os.close(self._person)
        self._stdin.close()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    opened = Terminal(monkeypatch)
    yield opened
    opened.close()


@pytest.fixture
def crowd(door: FakeDoor) -> FakeDoor:
    """Forty jobs match, three of them running."""

    def count(ask: ListJobs) -> Any:
        return a_page(total=3 if ask.where.endswith("state:running") else 40)

    door.answers[ListJobs] = count
    door.answers[Cancel] = DONE
    return door


def test_a_yes_acts(crab: Crab, crowd: FakeDoor, terminal: Terminal) -> None:
    terminal.type("y\n")
    ran = crab("cancel", "tag:a | tag:b")
    assert ran.code == 0
    assert "cancel 40 jobs (3 running)? [y/N]" in ran.err
    assert [ask.where for ask in crowd.asked(ListJobs)] == [
        "(tag:a | tag:b) state:running",
        "tag:a | tag:b",
    ]
    assert len(crowd.asked(Cancel)) == 1


@pytest.mark.parametrize("answer", ["\n", "n\n", "yep\n", "\x04"])
def test_anything_else_does_nothing(
    crab: Crab, crowd: FakeDoor, terminal: Terminal, answer: str
) -> None:
    terminal.type(answer)
    ran = crab("cancel", "12", "13")
    assert ran.code == 1
    assert "nothing done" in ran.err
    assert crowd.asked(Cancel) == []


def test_few_running_ids_are_not_asked_about(
    crab: Crab, door: FakeDoor, terminal: Terminal
) -> None:
    door.answers[ListJobs] = a_page(total=1)
    door.answers[Cancel] = DONE
    terminal.type("")
    assert crab("cancel", "12", "13").code == 0
    assert [ask.where for ask in door.asked(ListJobs)] == ["(id:12,13) state:running"]
