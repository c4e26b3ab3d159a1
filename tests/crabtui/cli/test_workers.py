"""`crabtui workers …`: what is asked of the daemon, and what people are asked and told."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from crabtui.cli.workers import workers
from crabtui.data.workers.words import contact, mending
from engine.control.messages import ActOnWorker, AddWorker, AuthorizeKey, ListWorkers
from engine.control.views import Acted, LinkView, Result, WorkersView, WorkerView
from engine.errors import LinkRefused
from engine.model.sight import Sight
from tests.crabtui.cli.conftest import Crab
from tests.kit.fake_door import FakeDoor

DONE = Acted(results=(Result(id="far", ok=True, was="a", now="b"),), matched=1)
FAR = WorkerView(
    name="far",
    backend="ssh",
    health="down",
    draining=False,
    slots=4,
    slots_taken=1,
    capacity={"cpu_milli": 4000},
    taken={},
    seen_at=1_000_000,
    address="ann@far:22",
    origin="command",
    link=LinkView(
        state="lost",
        since_at=1_000_000,
        next_try_at=9_000_000,
        tries=2,
        error="no \x1b[2J route",
    ),
    at_risk=(7, 9),
    warnings=("logind ends sessions",),
)


def answering(door: FakeDoor, *answers: Any) -> list[Any]:
    """Answers in turn; what was asked goes into the list."""
    asked: list[Any] = []

    def answer(request: Any) -> Any:
        asked.append(request)
        one = answers[min(len(asked), len(answers)) - 1]
        if isinstance(one, Exception):
            raise one
        return one

    for kind in (AddWorker, ActOnWorker, AuthorizeKey):
        door.answers[kind] = answer
    return asked


def test_what_is_said_becomes_the_table(crab: Crab, door: FakeDoor) -> None:
    asked = answering(door, DONE)
    ran = crab(
        *("workers", "add", "far", "ann@far:2222", "--label", "a", "--label", "b=c"),
        *("--slots", "3", "--cpus", "1.5", "--memory", "4G", "--gpus", "2", "--gpu-type", "t4"),
        *("--spool", "/data", "--identity", "~/k", "--no-ssh-config", "--production"),
        *("--trust", "SHA256:x"),
    )
    assert (ran.code, ran.out) == (0, "far a → b\n")
    [ask] = asked
    assert ask.trust == "SHA256:x"
    assert ask.table == {
        "backend": "ssh",
        "address": "ann@far:2222",
        "labels": ["a", "b=c"],
        "slots": 3,
        "cpus": 1.5,
        "memory": "4G",
        "gpus": 2,
        "gpu_type": "t4",
        "spool": "/data",
        "identity": "~/k",
        "ssh_config": False,
        "production": True,
    }
    crab("workers", "add", "far", "far")
    assert asked[1].table == {"backend": "ssh", "address": "far"}


def test_an_unknown_key_is_no_question_without_a_terminal(crab: Crab, door: FakeDoor) -> None:
    unknown = LinkRefused("key SHA256:k is not known", details={"fingerprint": "SHA256:k"})
    asked = answering(door, unknown, DONE)
    ran = crab("workers", "add", "far", "far")
    assert ran.code != 0
    assert "SHA256:k" in ran.err
    assert len(asked) == 1
    told = json.loads(crab("workers", "reconnect", "far", "--json").out)
    assert told["results"][0]["ok"]


@pytest.mark.parametrize(
    ("answer", "details", "trusted"),
    [
        (True, {"fingerprint": "SHA256:k", "kind": "ed25519", "host": "far"}, ["", "SHA256:k"]),
        (False, {"fingerprint": "SHA256:k"}, [""]),
        (True, {"fingerprint": "SHA256:k", "known": ["SHA256:old"]}, [""]),
        (True, {}, [""]),
    ],
)
def test_somebody_at_the_terminal_is_asked_about_a_new_key_never_a_changed_one(
    crab: Crab,
    door: FakeDoor,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,
    details: dict[str, Any],
    trusted: list[str],
) -> None:
    monkeypatch.setattr("crabtui.cli.worker_adding.at_terminal", lambda: True)
    monkeypatch.setattr("crabtui.cli.worker_adding.says_yes", lambda _: answer)
    asked = answering(door, LinkRefused("refused", details=details), DONE)
    ran = crab("workers", "add", "far", "far")
    assert [ask.trust for ask in asked] == trusted
    assert (ran.code == 0) == (len(trusted) == 2)


@pytest.mark.parametrize(
    ("words", "ask"),
    [
        (("remove", "far", "--why", "sold"), ActOnWorker(name="far", act="remove", why="sold")),
        (
            ("quarantine", "far", "--why", "hot"),
            ActOnWorker(name="far", act="quarantine", why="hot"),
        ),
        (("release", "far"), ActOnWorker(name="far", act="release")),
        (("probe", "far"), ActOnWorker(name="far", act="probe")),
        (("reset", "far"), ActOnWorker(name="far", act="reset")),
        (
            ("reconnect", "far", "--trust", "SHA256:x"),
            ActOnWorker(name="far", act="reconnect", trust="SHA256:x"),
        ),
        (
            ("declare-dead", "far", "--yes", "--why", "burnt"),
            ActOnWorker(name="far", act="declare_dead", why="burnt"),
        ),
    ],
)
def test_acts_are_asked_for(
    crab: Crab, door: FakeDoor, words: tuple[str, ...], ask: ActOnWorker
) -> None:
    asked = answering(door, DONE)
    assert crab("workers", *words).code == 0
    assert asked == [ask]


def test_the_dead_need_a_yes_that_knows_the_jobs(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListWorkers] = WorkersView(workers=(FAR,), now_at=5_000_000)
    asked = answering(door, DONE)
    ran = crab("workers", "declare-dead", "far")
    assert ran.code == 2
    assert "#7 #9" in ran.err
    assert "--yes" in ran.err
    assert asked == []
    assert crab("workers", "quarantine", "far").code == 2
    assert crab("workers", "declare-dead", "fra").code == 3


def test_a_worker_is_shown_with_all_that_is_wrong_with_it(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListWorkers] = WorkersView(workers=(FAR,), now_at=5_000_000)
    out = crab("workers", "show", "far").out
    for word in ("ann@far:22", "by command", "down", "lost for 4s", "in 4s", "#7 #9", "logind"):
        assert word in out, out
    assert "\x1b" not in out
    told = json.loads(crab("workers", "show", "far", "--json").out)
    assert told["link"]["tries"] == 2
    listed = crab("workers").out
    assert "lost for 4s" in listed
    ran = crab("workers", "show", "fat")
    assert (ran.code, "did you mean 'far'?" in ran.err) == (3, True)


def test_a_key_is_authorized(crab: Crab, door: FakeDoor, tmp_path: Path) -> None:
    line = 'command="x",restrict ssh-ed25519 A'
    asked = answering(door, Acted(results=(Result(id="far", ok=True, now=line),), matched=1))
    key = tmp_path / "k.pub"
    key.write_text("ssh-ed25519 A\n")
    ran = crab("workers", "authorize", "far", "--key", str(key), "--verbs", "status,list")
    assert (ran.code, ran.out) == (0, f"{line}\n")
    assert asked == [AuthorizeKey(name="far", key="ssh-ed25519 A\n", verbs="status,list")]
    assert crab("workers", "authorize", "far", "--key", str(tmp_path / "no")).code == 2


def test_names_are_completed(
    door: FakeDoor, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.answers[ListWorkers] = WorkersView(workers=(FAR,), now_at=1)
    monkeypatch.setenv("CRABTUI_STATE", str(state))
    drain: Any = workers.commands["drain"]
    with drain.make_context("drain", ["x"], resilient_parsing=True) as context:
        [name, *_] = drain.params
        assert [one.value for one in name.shell_complete(context, "f")] == ["far"]
        assert name.shell_complete(context, "q") == []


def shown(crab: Crab, door: FakeDoor, **fields: Any) -> tuple[str, str]:
    """What `show` and the list say of a worker."""
    worker = replace(FAR, **fields)
    door.answers[ListWorkers] = WorkersView(workers=(worker,), now_at=70_000_000)
    return crab("workers", "show", "far").out, crab("workers").out


def test_numbers_of_a_host_that_is_not_reached_are_of_then(crab: Crab, door: FakeDoor) -> None:
    before = Sight(at=10_000_000, load=0.5, memory_free_mb=2048)
    show, listed = shown(crab, door, last_sight=before)
    assert re.search(r"load +--\n", show)
    assert re.search(r"round trip +--\n", show)
    assert re.search(r"cpu +--\n", show)
    assert re.search(r"as of +1m00s ago: load 0.50, free 2G memory\n", show)
    assert "--" in listed
    link = LinkView(state="connected", since_at=1, round_trip_ms=2.0)
    show, _ = shown(crab, door, link=link, health="healthy", sight=before, drift_ms=-9)
    assert "9 ms behind ours" in show
    assert re.search(r"load +0\.50\n", show)
    assert "2.0 ms" in show


def test_notes_in_the_list_are_short_and_whole_in_show(crab: Crab, door: FakeDoor) -> None:
    link = LinkView(state="refused", since_at=1, error="THE HOST KEY HAS CHANGED " * 20)
    show, listed = shown(crab, door, link=link)
    assert show.count("THE HOST KEY HAS CHANGED") == 20
    assert "crabtui workers reconnect far" in listed
    assert max(map(len, listed.splitlines())) < 140
    link = LinkView(state="refused", since_at=1, error="it is taken", spool_taken=True)
    show, listed = shown(crab, door, link=link)
    for text in (show, listed):
        assert "refused: wants a `spool` of its own" in text
        assert "reconnect" not in text
    assert mending(replace(FAR, link=link)) == ""
    _, listed = shown(crab, door, link=None, at_risk=(), warnings=("its host is worker a too",))
    assert "its host is worker a too" in listed


def test_a_breaker_says_for_how_long_and_why(crab: Crab, door: FakeDoor) -> None:
    tripped = {
        "breaker_why": "no space",
        "breaker_failures": 5,
        "breaker_until_at": 125_000_000,
    }
    show, _ = shown(crab, door, breaker="open", permits=0, **tripped)
    assert "breaker open for 55s, 5 failures in a row: no space" in show
    show, _ = shown(crab, door, breaker="half-open", permits=2)
    assert "breaker half-open, 2 starts left on trial" in show


def test_who_was_never_reached_is_not_said_to_be_silent() -> None:
    assert contact(replace(FAR, seen_at=None), 5_000_000) == "never reached"
    assert contact(FAR, 5_000_000) == "no contact 4s"
