"""The panes as text, at two sizes, compared with what was agreed."""

from collections.abc import Callable

import pytest
from textual.widget import Widget

from crabtui.widgets.notice import Notice
from crabtui.widgets.panes.events_pane import EventsPane
from crabtui.widgets.panes.facts_pane import FactsPane
from crabtui.widgets.panes.gates_pane import GatesPane
from crabtui.widgets.panes.timeline_pane import TimelinePane
from engine.control.views import JobDetail
from tests.crabtui.data.jobs import (
    a_job,
    a_retried_job,
    an_attempt,
    an_explanation,
    some_events,
)
from tests.crabtui.data.rows import NOW
from tests.crabtui.widgets.stage import Stage, lines
from tests.kit.golden import check_golden

FACTS = [
    ("state", "running", "run"),
    ("command", "python train.py --lr 3e-4 " + "--flag " * 20, "text"),
    ("hostile", "[red]x[/] \x1b]0;title\x07 \u202egpj", "text"),
    ("env", "", "muted"),
]
MAKERS: dict[str, Callable[[bool], tuple[Widget, Callable[[], None]]]] = {}


def _pane(name: str, make, fill) -> None:
    def maker(ascii_only: bool):
        pane = make(ascii_only)
        return pane, lambda: fill(pane)

    MAKERS[name] = maker


_pane(
    "timeline",
    lambda plain: TimelinePane(title="Timeline", ascii_only=plain),
    lambda pane: pane.show(a_retried_job(), NOW),
)
_pane(
    "gates",
    lambda plain: GatesPane(title="Why", ascii_only=plain),
    lambda pane: pane.show(an_explanation(), NOW),
)
_pane(
    "facts",
    lambda plain: FactsPane(title="Facts", ascii_only=plain),
    lambda pane: pane.show(FACTS),
)
_pane(
    "events",
    lambda plain: EventsPane(title="Events", ascii_only=plain),
    lambda pane: pane.show(some_events()),
)
_pane(
    "notice",
    lambda plain: Notice(ascii_only=plain),
    lambda pane: pane.show([("0 of 38,112 jobs match", "text"), ("esc clears ●", "muted")]),
)


@pytest.mark.parametrize("size", [(80, 12), (160, 16)], ids=["80", "160"])
@pytest.mark.parametrize("name", MAKERS)
async def test_a_pane_is_as_agreed(name, size):
    pane, fill = MAKERS[name](False)
    async with Stage(pane).run_test(size=size) as pilot:
        fill()
        await pilot.pause()
        found = "".join(f"{line.rstrip()}\n" for line in lines(pane))
    check_golden(f"console/{name}-{size[0]}.txt", found)


@pytest.mark.parametrize("name", MAKERS)
async def test_a_pane_can_do_without_unicode(name):
    pane, fill = MAKERS[name](True)
    async with Stage(pane).run_test(size=(80, 12)) as pilot:
        fill()
        await pilot.pause()
        assert "".join(lines(pane)).isascii()


async def test_a_pane_scrolls_and_stops_at_its_ends():
    pane = FactsPane(title="Facts")
    async with Stage(pane).run_test(size=(40, 6)) as pilot:
        pane.show([(f"fact {n}", str(n), "text") for n in range(30)])
        await pilot.pause()
        await pilot.press("j", "j")
        assert "fact 2 " in lines(pane)[1]
        await pilot.press("G")
        assert "fact 29" in lines(pane)[-1]
        assert lines(pane)[0].startswith(" Facts ")
        await pilot.press("pageup", "g")
        assert "fact 0 " in lines(pane)[1]


async def test_text_of_a_pane_can_be_selected():
    pane = FactsPane()
    async with Stage(pane).run_test(size=(40, 6)) as pilot:
        pane.show([("state", "running", "run"), ("queue", "gpu", "text")])
        await pilot.pause()
        await pilot.mouse_down(offset=(8, 0))
        await pilot.hover(offset=(5, 1))
        await pilot.mouse_up(offset=(5, 1))
        assert pilot.app.screen.get_selected_text() == "running\n queue"


async def test_time_passing_without_effect_repaints_nothing(monkeypatch):
    pane = TimelinePane()
    async with Stage(pane).run_test(size=(80, 12)) as pilot:
        pane.show(a_retried_job(), NOW)
        await pilot.pause()
        painted = []
        monkeypatch.setattr(pane, "refresh", lambda *args, **more: painted.append(args))
        pane.show(a_retried_job(), NOW)
        assert painted == []
        pane.show(a_retried_job(), NOW + 1_000_000)
        assert painted


async def test_a_timeline_keeps_its_axis_and_the_newest_attempt_in_sight():
    attempts = tuple(
        an_attempt(n, 300 - 10 * n, 295 - 10 * n, verdict="failed") for n in range(1, 13)
    )
    detail = JobDetail(job=a_job(), attempts=attempts)
    async with Stage(TimelinePane(title="timeline")).run_test(size=(80, 8)) as pilot:
        pane = pilot.app.widget
        pane.show(detail, NOW)
        await pilot.pause()
        await pilot.pause()
        shown = lines(pane)
        assert "┬" in shown[2]
        assert "#12 local" in "\n".join(shown)
        await pilot.press("g")
        pane.show(detail, NOW + 1_000_000)
        await pilot.pause()
        assert "queued" in lines(pane)[3]
        assert "┬" in lines(pane)[2]
