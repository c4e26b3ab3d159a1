"""The one-line widgets: what they show at each width, and what a click says."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from crabtui.widgets.bars.band import Band
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.bars.footer_keys import FooterKeys
from crabtui.widgets.bars.header_bar import HeaderBar, HeaderFacts
from crabtui.widgets.bars.status_line import StatusLine
from crabtui.widgets.bars.view_tabs import ViewTabs
from tests.crabtui.widgets.stage import Stage, lines

FACTS = HeaderFacts(
    context="atlas",
    link="● LIVE 0.3s",
    mode="RO",
    running=38,
    slots=64,
    queued=1_204,
    failed=7,
    attention=3,
    clock="14:02:11 CEST",
)
KEYS = [
    ("enter", "open", True),
    ("l", "log", True),
    ("w", "why", True),
    ("x", "cancel", False),
    ("r", "retry", True),
    ("a", "actions", True),
    ("space", "mark", True),
    ("/", "filter", True),
    ("?", "help", True),
]


async def shown(widget, fill, width=80):
    async with Stage(widget).run_test(size=(width, 3)) as pilot:
        fill(widget)
        await pilot.pause()
        return lines(widget)[0]


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (100, "atlas ● LIVE 0.3s RO run 38/64 q 1,204 fail 7 !3 14:02:11 CEST"),
        (80, "atlas ● LIVE 0.3s RO run 38/64 q 1,204 fail 7 !3 14:02:11 CEST"),
        (60, "atlas ● LIVE 0.3s RO run 38/64 q 1,204 fail 7 !3"),
        (40, "atlas ● LIVE 0.3s RO run 38/64"),
        (23, "atlas ● LIVE 0.3s"),
        (8, "atlas"),
        (4, "a…"),
    ],
)
async def test_the_header_drops_from_the_right(width, words):
    line = await shown(HeaderBar(), lambda bar: bar.show(FACTS), width)
    assert line.split() == words.split()
    assert cell_len(line) == width


async def test_a_wide_header_writes_out_and_draws():
    facts = replace(FACTS, retrying=12, workers_up=11, workers=12, pressure="high backlog")
    line = await shown(HeaderBar(), lambda bar: bar.show(facts), 160)
    assert " ".join(line.split()) == (
        "atlas ● LIVE 0.3s RO run 38/64 ▇▇▇▇▇▇░░░░ queued 1,204 retrying 12 workers 11/12"
        " high backlog failed 7 !3 14:02:11 CEST"
    )
    calm = HeaderFacts(context="x", running=1, workers=2, retrying=0)
    line = await shown(HeaderBar(), lambda bar: bar.show(calm), 160)
    assert line.split() == ["x", "run", "1", "workers", "2/2"]


async def test_a_band_is_there_while_it_says_something():
    async with Stage(Band()).run_test(size=(80, 3)) as pilot:
        band = pilot.app.widget
        assert not band.display
        band.show("FROZEN at #88214 14:02:11Z  +312 events since", "Z resume")
        await pilot.pause()
        assert lines(band)[0].split()[-2:] == ["Z", "resume"]
        band.show("FROZEN " + "x" * 80, "Z resume")
        await pilot.pause()
        assert lines(band)[0].endswith("x… ")
        band.show("")
        await pilot.pause()
        assert not band.display


async def test_a_header_without_facts_leaves_them_out():
    line = await shown(HeaderBar(), lambda bar: bar.show(HeaderFacts(context="x")))
    assert line.split() == ["x"]


async def test_the_footer_shows_at_most_eight_keys():
    line = await shown(FooterKeys(), lambda bar: bar.show(KEYS), 160)
    assert line.split()[-4:] == ["space", "mark", "?", "help"]
    assert line.count("  ") >= 7


async def test_a_footer_without_keys_is_empty():
    assert (await shown(FooterKeys(), lambda bar: bar.show([]))).isspace()


async def test_the_footer_shows_whole_keys_only():
    line = await shown(FooterKeys(), lambda bar: bar.show(KEYS), 40)
    assert line.split() == [
        "enter",
        "open",
        "l",
        "log",
        "w",
        "why",
        "x",
        "cancel",
        "?",
        "help",
    ]


async def test_a_key_of_the_footer_can_be_clicked():
    async with Stage(FooterKeys()).run_test(size=(80, 3)) as pilot:
        pilot.app.widget.show(KEYS)
        await pilot.pause()
        line = lines(pilot.app.widget)[0]
        await pilot.click(FooterKeys, offset=(line.index("cancel"), 0))
        assert pilot.app.of(FooterKeys.Pressed)[-1].key == "x"


async def test_chips_say_which_of_them_was_clicked():
    async with Stage(Chips()).run_test(size=(80, 3)) as pilot:
        chips = pilot.app.widget
        chips.show("jobs", ["state:running", "[red]\x1b[2J"], "1-18 of 420", new=12)
        await pilot.pause()
        line = lines(chips)[0]
        assert line.rstrip().endswith("1-18 of 420")
        assert "⟨[red]⟩  +12 new" in line
        await pilot.click(Chips, offset=(line.index("[red]"), 0))
        assert pilot.app.of(Chips.Removed)[-1].chip == 1
        await pilot.click(Chips, offset=(line.index("+12"), 0))
        assert pilot.app.of(Chips.PillPressed)


async def test_chips_without_room_are_counted_and_the_place_stays_in_sight():
    async with Stage(Chips()).run_test(size=(60, 3)) as pilot:
        chips = pilot.app.widget
        names = [f"queue:q{n}{'x' * 12}" for n in range(6)]
        chips.show("jobs", names, "1-18 of 420")
        await pilot.pause()
        line = lines(chips)[0]
        assert line.rstrip().endswith("1-18 of 420")
        assert "⟨queue:q0xxxxxxxxxxxx⟩" in line
        assert "+5 more" in line or "+4 more" in line


async def test_tabs_choose():
    tabs = ViewTabs([("queues", "2 Queues"), ("jobs", "3 Jobs")], "jobs")
    async with Stage(tabs).run_test(size=(80, 3)) as pilot:
        line = lines(tabs)[0]
        assert line.split() == ["2", "Queues", "[3", "Jobs]"]
        await pilot.click(ViewTabs, offset=(line.index("Queues"), 0))
        assert pilot.app.of(ViewTabs.Chosen)[-1].tab == "queues"
        tabs.choose("queues")
        assert "[2 Queues]" in lines(tabs)[0]


VIEWS = ["1 Pulse", "2 Queues", "3 Jobs", "4 Workers", "5 Events", "7 Stuck", "8 Admin"]


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (100, "1 Pulse  2 Queues  [3 Jobs]  4 Workers  5 Events  7 Stuck  8 Admin"),
        (80, "1 Pulse 2 Queues [3 Jobs] 4 Workers 5 Events 7 Stuck 8 Admin"),
        (60, "1Pulse 2Queues [3Jobs] 4Workers 5Events 7Stuck 8Admin"),
        (50, "1 2 [3Jobs] 4 5 7 8"),
    ],
)
async def test_tabs_draw_together_where_there_is_little_room(width, line):
    tabs = ViewTabs([(title[2:].lower(), title) for title in VIEWS], "jobs")
    assert (await shown(tabs, lambda _: None, width)).strip() == line


async def test_the_status_line_gives_the_sentence_the_room():
    def fill(line):
        line.show("canceled #12; u takes it back", "warn")
        line.show_right("seq 88,214")

    wide = await shown(StatusLine(), fill, 60)
    assert wide.rstrip().endswith("seq 88,214")
    narrow = await shown(StatusLine(), fill, 24)
    assert narrow == " canceled #12; u takes… "


@pytest.mark.parametrize("maker", [HeaderBar, StatusLine, FooterKeys, Chips])
async def test_lines_without_unicode(maker):
    fills = {
        HeaderBar: lambda bar: bar.show(FACTS),
        StatusLine: lambda bar: bar.show("● x…" * 40),
        FooterKeys: lambda bar: bar.show([("↑", "up ▲", True)]),
        Chips: lambda bar: bar.show("jobs", ["état:x" * 20], "sort ▼"),
    }
    line = await shown(maker(ascii_only=True), fills[maker])
    assert line.isascii()
    assert len(line) == 80
