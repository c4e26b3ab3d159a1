"""One picture without a terminal."""

import json

import pytest

from crabtui.addresses import parse_address
from crabtui.app import CrabApp
from crabtui.data.wording import UTC_ZONE
from crabtui.dumping import dump
from tests.crabtui.events_scene import with_a_past
from tests.crabtui.scenes import busy_world
from tests.kit.fake_world import World
from tests.kit.still_clock import StillClock


def console(world, address=None):
    return CrabApp(
        world.connect,
        clock=world.clock,
        zone=UTC_ZONE,
        context="atlas",
        address=parse_address(address) if address else None,
    )


def test_text_is_what_the_screen_shows(capsys):
    assert dump(console(busy_world(StillClock()), "jobs"), "txt", (100, 30)) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert len(lines) == 30
    assert "● LIVE" in lines[0]
    assert "[3 Jobs]" in lines[1]
    assert any("#1 train_v2 lr=3e-4" in line for line in lines)
    assert "\x1b" not in out


def test_a_picture_is_svg(capsys):
    assert dump(console(busy_world(StillClock()), "queues"), "svg", (80, 24)) == 0
    out = capsys.readouterr().out
    assert out.startswith("<svg")
    assert out.rstrip().endswith("</svg>")


def test_json_is_what_the_view_shows(capsys):
    assert dump(console(busy_world(StillClock()), "jobs?state=failed"), "json", (80, 24)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert told["address"] == "jobs?state=failed"
    assert told["by_state"]["running"] == 3
    assert [job["id"] for job in told["shows"]["jobs"]["jobs"]] == [13]


@pytest.mark.parametrize("address", ["jobs/1", "workers", "stuck", "events", "pulse"])
def test_every_view_has_a_picture(capsys, address):
    assert dump(console(busy_world(StillClock()), address), "json", (160, 48)) == 0
    assert json.loads(capsys.readouterr().out)["address"].startswith(address)


def test_what_never_comes_ends_with_3(capsys, monkeypatch):
    monkeypatch.setattr("crabtui.dumping.LONGEST_S", 0.2)
    world = World(StillClock())
    world.down = True
    assert dump(console(world), "txt", (80, 24)) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "no complete picture" in told.err


def test_a_moment_before_the_past_ends_with_2(capsys):
    world = with_a_past(busy_world(StillClock()))
    assert dump(console(world, "jobs?at=2001-01-01"), "txt", (80, 24)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "is before what is known" in told.err


def test_the_address_of_a_past_picture_carries_the_moment(capsys):
    world = with_a_past(busy_world(StillClock()))
    assert dump(console(world, "jobs?at=2023-11-14T22:00Z"), "json", (80, 24)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["address"].startswith("jobs?at=2023-11-14T22:00:00")
