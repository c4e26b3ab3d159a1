"""Whatever a daemon says, in whatever field: the terminal obeys nobody but the console."""

import re
import sys
from dataclasses import dataclass

import pytest

from engine.clock import SystemClock
from tests.crabtui.events_scene import eventful_world
from tests.crabtui.fleet import fleet_world
from tests.crabtui.offices import administered
from tests.crabtui.scenes import waiting_world
from tests.kit import pulse
from tests.kit.hostile_door import HOSTILE, MARKUP, HostileDoor
from tests.kit.terminal import Terminal

LOG = (
    b"shown " + HOSTILE.encode() + b"\n"
    b"\xff\xfe\x00\xc2\x9b2J\x9b2J \r\n10%\r50%\rshown 100%\n"
    b"\x1b[31mshown in red\x1b[5;10Hmoved\x1b[38;5;9999999mx\x1b[?1049l\x1b#8\x1bc\x0e\n"
)
OURS = re.compile(
    r"\x1b(?:\[[0-9;:]*m|\[\d+;\d+H|\[\?(?:7|25|100[0-9]|101[56]|1049|2004|2026|2048)[hl]"
    r"|\[[<>=]\d*u|\[\?\d+\$p|\[2[23];\d+;?\d*t|\]22;[a-z]*\x07|\]52;c;[A-Za-z0-9+/=]*\x07"
    r"|\]2;(?:crab \d/\d)?\x07|\]9;crabtui: [ -~]*\x07|P=1s\x1b\\|P=2s\x1b\\)"
)
"""All sequences that the console writes: colours, places, modes, and what people asked for."""
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def hostile_world():
    """Something of everything that can be shown."""
    world = eventful_world(SystemClock())
    waiting = waiting_world(world.clock)
    for name in ("reasons", "explanations", "queues", "preview"):
        setattr(world, name, getattr(waiting, name))
    world.workers = fleet_world(world.clock).workers
    world.matters = list(pulse.some_matters(world.clock.now()))
    world.inputs[1] = 1_000
    world.logs[1, "out"] = LOG
    return administered(world)


def faults(raw):
    """What is neither text nor a sequence of ours in what was written to a terminal."""
    left = OURS.sub("", raw.decode()).replace("\r\n", "\n")
    return [left[max(at.start() - 20, 0) : at.end() + 20] for at in UNSEEN.finditer(left)]


@dataclass
class Step:
    """Keys, and what is on the screen once they have done what they do; `-`: is not."""

    keys: str
    sees: str
    also: str = ""

    def is_done(self, screen):
        gone = self.sees.startswith("-")
        return (self.sees.removeprefix("-") in screen) is not gone and self.also in screen


@pytest.fixture
def door(tmp_path):
    with HostileDoor(tmp_path / "s", hostile_world()) as door:
        yield door


def console(tmp_path, view):
    state = str(tmp_path / "s")
    return [sys.executable, "-m", "crabtui", "--state", state, "ui", "--fresh", view]


WALKS = {
    "views": [
        Step("1", "[1 Pulse]"),
        Step("2", "[2 Queues]"),
        Step("4", "[4 Workers]"),
        Step("5", "bucket"),
        Step("7", "WAIT FOR"),
        Step("8", "Scheduler"),
        Step("\t", "TENANT"),
        Step("\t", "LIMIT OF"),
        Step("\t", "SCHEDULE"),
        Step("\t", "SETTING"),
        Step(":audit\r", "bob"),
        Step("3", "train_v2"),
        Step("%", "count by"),
        Step("o", "STATES"),
    ],
    "detail": [
        Step("j", "#1"),
        Step("\r", "jobs ›"),
        Step("\t", "[Log]"),
        Step("\t", "[Attempts]"),
        Step("\t", "[Graph]"),
        Step("\t", "[Why]"),
        Step("\t", "[Args]"),
        Step("\t", "[Events]"),
        Step("7", "412 waiting"),
        Step("\r", "what if"),
        Step("\r", "Limit of queue"),
        Step("\x1b", "-Limit of queue"),
    ],
    "logs": [
        Step("j", "#1"),
        Step("\r", "jobs ›"),
        Step("l", "shown in red"),
        Step("L", "› logs"),
        Step("/shown\r", "found"),
        Step("&", "matches only", also="shown 100%"),
        Step("y", "sent to terminal"),
        Step("\x1b", "-matches only"),
        Step(":grep shown\r", "looked at"),
        Step("q", "› logs"),
    ],
    "acts": [
        Step("x", "Do it"),
        Step("y", "refused"),
        Step("y", "sent to terminal"),
        Step("b", "you are told"),
        Step("a", "priority up"),
        Step("\x1b", "-priority up"),
        Step("n", "0.5 or 500m"),
        Step("\x1b", "-0.5 or 500m"),
        Step("?", "type to search"),
        Step("\x1b", "-type to search"),
        Step("2", "[2 Queues]"),
        Step("P", "why?"),
        Step("\x1b", "-why?"),
        Step("4", "[4 Workers]"),
        Step("D", "Do it"),
        Step("y", "refused"),
        Step(f":{MARKUP}\r", "unknown command"),
    ],
}
CASES = [
    ("views", (160, 48)),
    ("views", (80, 24)),
    ("detail", (80, 24)),
    ("logs", (160, 48)),
    ("logs", (80, 24)),
    ("acts", (160, 48)),
]


@pytest.mark.parametrize(("walk", "size"), CASES, ids=[f"{w}-{s[0]}" for w, s in CASES])
def test_no_sequence_of_theirs_reaches_the_terminal(door, tmp_path, walk, size):
    columns, rows = size
    with Terminal(console(tmp_path, "jobs"), columns=columns, rows=rows) as terminal:
        modes = terminal.modes_before
        terminal.wait_text("train_v2")
        for step in WALKS[walk]:
            terminal.write(step.keys)
            terminal.wait_screen(step.is_done)
        terminal.write("\x11")
        assert terminal.wait_exit() == 0
        assert MARKUP[:9].encode() in bytes(terminal.raw), "markup is text"
        assert faults(terminal.raw) == []
        assert terminal.modes == modes
