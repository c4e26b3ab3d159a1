"""Being told when watched jobs have ended."""

from crabtui.data.toasts import STAYS_S
from crabtui.widgets.note_corner import NoteCorner
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import seat
from tests.kit.still_clock import StillClock


class Paper:
    """A terminal that keeps what it is told."""

    def __init__(self):
        self.words = []

    def write(self, words):
        self.words.append(words)


def notes(here):
    return here.app.front.query_one(NoteCorner).lines


async def test_a_watched_job_that_ends_is_told_of_in_a_note_the_title_and_beyond(monkeypatch):
    monkeypatch.delenv("TMUX", raising=False)
    world = busy_world(StillClock())
    async with seat(world) as here:
        here.app.terminal = paper = Paper()
        rung = []
        monkeypatch.setattr(here.app, "bell", lambda: rung.append(1))
        await here.go_to(1)
        await here.press("space", "b")
        await here.says("you are told when #1 has ended; b again: not")
        assert paper.words == ["\x1b[22;0t\x1b]2;crab 0/1\x07"]
        world.change(1, state="succeeded")
        await here.until(lambda: notes(here))
        assert notes(here) == ["#1 train_v2 lr=3e-4 seed=13 succeeded"]
        await here.says("1 watched job ended: 1 succeeded")
        assert rung == [1]
        assert paper.words[1:] == [
            "\x1b]9;crabtui: 1 watched job ended: 1 succeeded\x07",
            "\x1b]2;crab 1/1\x07",
        ]
        await here.reads("train_v2 lr=3e-4 seed=13 succeeded  x")
        here.tick(STAYS_S + 1)
        assert notes(here) == []


async def test_what_went_wrong_stays_until_it_is_dismissed():
    world = busy_world(StillClock())
    async with seat(world) as here:
        await here.press("asterisk", "b")
        await here.says("you are told when these 11 jobs have ended")
        for job in (1, 2, 5):
            world.change(job, state="failed")
        await here.until(lambda: notes(here) and "(+2 more)" in notes(here)[0])
        here.tick(3600)
        assert notes(here)
        await here.press("escape")
        assert notes(here) == []
        assert here.app.watching.progress == (3, 11)


async def test_pressing_again_ends_the_watch_and_gives_the_title_back():
    world = busy_world(StillClock())
    async with seat(world) as here:
        here.app.terminal = paper = Paper()
        await here.go_to(1)
        await here.press("b", "b")
        await here.says("1 job not watched any more")
        assert paper.words[-1] == "\x1b]2;\x07\x1b[23;0t"
        world.change(1, state="succeeded")
        await here.until(lambda: here.row(1).state == "succeeded")
        assert notes(here) == []


async def test_what_has_ended_cannot_be_watched():
    async with seat(busy_world(StillClock())) as here:
        await here.go_to(13)
        await here.press("b")
        await here.says("nothing here is still to end")


async def test_the_bell_can_be_silenced(monkeypatch):
    world = busy_world(StillClock())
    async with seat(world) as here:
        rung = []
        monkeypatch.setattr(here.app, "bell", lambda: rung.append(1))
        here.app.notes.bell = "off"
        await here.go_to(1)
        await here.press("b")
        world.change(1, state="failed")
        await here.until(lambda: notes(here))
        assert rung == []


async def test_a_click_dismisses_a_note_and_notes_follow_to_other_screens():
    world = busy_world(StillClock())
    async with seat(world) as here:
        here.app.notes.tell("one", "first [/nope]", bad=True)
        here.app.notes.tell("two", "second\x1b[2J", bad=True)
        await here.reads("first [/nope]", "second")
        assert "\x1b" not in here.text
        await here.go_to(1)
        await here.press("enter")
        here.tick()
        await here.reads("Timeline", "first [/nope]")
        await here.pilot.click(NoteCorner, offset=(2, 0))
        await here.until(lambda: notes(here) == ["second"])
