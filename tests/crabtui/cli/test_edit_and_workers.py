"""Edits, copies, workers and goals: what is asked, what is printed, and a real daemon."""

import json
from pathlib import Path

import pytest

from engine.control.messages import Clone, Edit, ListGoals, ListWorkers
from engine.control.views import (
    GoalsView,
    GoalView,
    InversionView,
    Submitted,
    WorkersView,
    WorkerView,
)
from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.fake_door import FakeDoor

WORKER = WorkerView(
    name="w1",
    backend="local",
    health="healthy",
    draining=True,
    slots=4,
    slots_taken=1,
    capacity={"cpu_milli": 4000, "memory_mb": 8192},
    taken={"cpu_milli": 1500},
    seen_at=1,
    labels=("gpu",),
    production=True,
    waits_for=(7, 9),
)


def test_an_edit_that_says_nothing_is_refused(crab: Crab, door: FakeDoor) -> None:
    ran = crab("edit", "12")
    assert (ran.code, ran.out) == (2, "")
    assert "say what to change" in ran.err
    assert door.asked(Edit) == []


def test_what_is_fixed_is_no_option_of_edit(crab: Crab, door: FakeDoor) -> None:
    del door
    assert crab("edit", "12", "--tenant", "x").code == 2


def test_a_clone_says_its_id(crab: Crab, door: FakeDoor) -> None:
    door.answers[Clone] = Submitted(count=1, ids=((13, 13),))
    ran = crab("clone", "#12", "--env", "A=1", "--hold", "--clear", "queue")
    assert (ran.code, ran.out, ran.err) == (0, "#13\n", "")
    [asked] = door.asked(Clone)
    assert (asked.id, asked.request_key != "") == (12, True)
    assert asked.changes == {"env": {"A": "1"}, "hold": True, "queue": None}
    crab("clone", "12")
    assert door.asked(Clone)[1].changes == {}


@pytest.mark.parametrize("words", [("workers",), ("workers", "list")])
def test_workers_are_listed(crab: Crab, door: FakeDoor, words: tuple[str, ...]) -> None:
    door.answers[ListWorkers] = WorkersView(workers=(WORKER,), now_at=2)
    ran = crab(*words)
    assert (ran.code, ran.err) == (0, "")
    for shown in ("w1", "1/4", "1.5/4", "0/8G", "gpu", "production, draining, waits for #7 #9"):
        assert shown in ran.out
    told = json.loads(crab("workers", "--json").out)
    assert told["workers"][0]["waits_for"] == [7, 9]


def test_goals_are_listed_with_inversions(crab: Crab, door: FakeDoor) -> None:
    goal = GoalView(goal="g", holders=(1, 2), since_at=None, waiting=3, first_waiter=5)
    inversion = InversionView(
        waiter=5,
        holder=1,
        lock="goal g",
        since_at=1,
        waiter_priority="critical",
        holder_priority="low",
    )
    door.answers[ListGoals] = GoalsView(goals=(goal,), inversions=(inversion,))
    out = crab("goals").out
    assert "#1 #2" in out
    assert "#5 (critical) has waited" in out
    assert "for #1 (low), which holds goal g" in out
    door.answers[ListGoals] = GoalsView(goals=(), inversions=())
    assert crab("goals").out.startswith("no goal is locked: ")


def test_a_real_daemon_edits_clones_and_drains(
    tmp_path: Path, crab: Crab, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = RealDaemon(tmp_path).start()
    monkeypatch.setenv("CRABTUI_STATE", str(daemon.state))
    try:
        job = crab("submit", "--hold", "--", "true").out.strip()
        ran = crab("edit", job, "--memory", "64M", "--name", "lean", "--queue", "night")
        assert (ran.code, ran.err) == (0, "")
        told = json.loads(crab("show", job, "--json").out)["job"]
        assert (told["name"], told["queue"]) == ("lean", "night")
        assert told["resources"]["memory_mb"] == 64
        [worker] = json.loads(crab("workers", "--json").out)["workers"]
        assert crab("workers", "drain", worker["name"], "--why", "disk").code == 0
        copy = crab("clone", job, "--clear", "queue").out.strip()
        assert json.loads(crab("show", copy, "--json").out)["job"]["state"] == "queued"
        assert crab("workers", "resume", worker["name"]).code == 0
        assert crab("wait", copy).code == 0
        assert crab("edit", copy, "--name", "late").code == 3
        assert crab("edit", copy, "--cpus", "nan").code == 2
        assert crab("edit", copy, "--priority", "urgent").code == 2
        assert crab("edit", copy, "--clear", "bogus").code == 2
        assert crab("edit", copy, "--timeout", "-1").code == 2
        for verb in ("hold", "cancel", "release", "retry", "show", "explain", "clone"):
            assert crab(verb, "999").code == 3
        assert crab("edit", "999", "--name", "none").code == 3
    finally:
        daemon.close()


def test_session_and_input_are_changed_word_by_word(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running

    def told(name: str) -> tuple[str, bool]:
        job = json.loads(crab("show", name, "--json").out)["job"]
        return job["tmux"], job["payload"].get("open_stdin", False)

    crab("submit", "--hold", "--session-repo", "app", "--session-work", "w", "--", "cat")
    assert crab("edit", "1", "--session-role", "agent").code == 0
    assert told("#1")[0] == "aivcs__app__w__agent"
    assert crab("clone", "1", "--session-work", "v", "--stdin", "--hold").code == 0
    assert told("#2") == ("aivcs__app__v__agent", True)
    assert crab("clone", "2", "--clear", "tmux", "--clear", "open_stdin", "--hold").code == 0
    assert told("#3") == ("", False)
    ran = crab("edit", "3", "--session-work", "v")
    assert (ran.code, "needs a repo" in ran.err) == (2, True)
    ran = crab("edit", "3", "--session-repo", "app", "--session-role", "human")
    assert (ran.code, "agent or runner" in ran.err) == (2, True)
    crab("cancel", "1", "2", "3", "--kill", "--yes")
