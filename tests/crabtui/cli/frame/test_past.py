"""`--at`, with a real daemon: what was, told by the verbs that look."""

import json

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon


@pytest.fixture
def then(crab: Crab, daemon: RealDaemon) -> str:
    """The event at which job 1 was held in a paused queue; much has changed since."""
    assert daemon.is_running
    crab("submit", "--hold", "--queue", "gpu", "--name", "train", "--", "true")
    crab("queues", "limit", "gpu", "2")
    seq = json.loads(crab("events", "--json", "-n", "1").out)["seq"]
    crab("edit", "1", "--name", "other")
    crab("cancel", "1")
    crab("queues", "limit", "gpu", "9")
    crab("workers", "drain", "local")
    return f"#{seq}"


def test_every_verb_that_looks_goes_back(crab: Crab, then: str) -> None:
    [job] = json.loads(crab("ls", "--json", "--at", then).out)["jobs"]
    assert (job["name"], job["state"], job["held_by"] is None) == ("train", "queued", False)
    shown = json.loads(crab("show", "1", "--json", "--at", then).out)
    assert (shown["job"]["name"], shown["job"]["completed_at"]) == ("train", None)
    queues = json.loads(crab("queues", "--json", "--at", then).out)["queues"]
    assert {q["name"]: (q["limit"], q["queued"]) for q in queues}["gpu"] == (2, 1)
    [local] = json.loads(crab("workers", "--json", "--at", then).out)["workers"]
    assert local["draining"] is False
    [listed] = json.loads(crab("workers", "list", "--json", "--at", then).out)["workers"]
    assert listed == local
    assert json.loads(crab("stats", "--json", "--at", then).out)["jobs"]["by_state"] == {
        "queued": 1
    }
    [gate] = json.loads(crab("explain", "1", "--json", "--at", then).out)["gates"]
    assert gate["kind"] == "hold"
    assert "hold" in crab("reasons", "--at", then).out
    assert json.loads(crab("pulse", "--json", "--at", then).out)["recent"]["depth"] == 1
    assert json.loads(crab("attention", "--json", "--at", then).out)["matters"] == []


def test_people_are_told_of_which_moment(crab: Crab, then: str) -> None:
    told = crab("ls", "--at", then)
    assert told.err.startswith(f"crabtui: as of {then}, 20")
    assert "train" in told.out
    assert "other" in crab("ls", "--at", "-0s").out
    assert crab("stats", "--at", then).out.startswith("QUEUE "), "no daemon of now in the past"
    assert crab("stats").out.startswith("daemon ")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("#999999", "has not happened: the newest is #"),
        ("2001-01-01", "is before what is known: the past begins with #1 at 20"),
        ("soon", "'soon' is no moment: write 13:46:58"),
    ],
)
def test_a_moment_that_cannot_be_shown_is_refused(
    crab: Crab, then: str, at: str, words: str
) -> None:
    assert then
    ran = crab("ls", "--at", at)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
