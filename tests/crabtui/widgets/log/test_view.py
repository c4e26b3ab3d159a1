"""The log view: follows, stops when scrolled, searches, and stays small and harmless."""

import pytest
from textual.pilot import Pilot

from crabtui.data.logs.sifted import Sifted
from crabtui.data.logs.text import MOST_BYTES
from crabtui.data.wording import Zone
from crabtui.widgets.log.view import LogView
from engine.errors import InvalidSpec
from engine.model.log_pattern import parse_pattern
from tests.crabtui.widgets.stage import Stage, lines


def numbered(first: int, last: int) -> bytes:
    return b"".join(b"line %d\n" % n for n in range(first, last))


async def give(pilot: Pilot, data: bytes, *, offset=0, size=None, **told) -> LogView:
    view = pilot.app.widget
    size = offset + len(data) if size is None else size
    view.append(data, offset=offset, size=size, **({"dropped": 0} | told))
    view._take()
    await pilot.pause()
    return view


def found_in(data: bytes, wanted: str, *, base=0, context=None):
    """What an engine would answer: lines around matches, and where matches are."""
    pattern, lines, at, spans = parse_pattern(wanted), [], base, []
    for line in data.split(b"\n")[:-1]:
        lines.append(Sifted(at, line, len(lines) + 1))
        at += len(line) + 1
    spans = [n for n, line in enumerate(lines) if pattern.occurs(line.data)]
    near = context or 0
    around = [line for n in spans for line in lines[max(n - near, 0) : n + near + 1]]
    return around, [lines[n].offset for n in spans], (base, at)


async def search(pilot: Pilot, wanted: str, data: bytes, **where) -> LogView:
    """Search, and be answered."""
    view = pilot.app.widget
    view.search(wanted)
    await pilot.pause()
    view.take_found(wanted, *found_in(data, wanted, **where))
    view.searched(wanted)
    await pilot.pause()
    return view


def stage() -> Stage:
    return Stage(LogView(title="Log"))


async def test_it_follows_the_end_until_it_is_scrolled():
    async with stage().run_test(size=(60, 8)) as pilot:
        view = await give(pilot, numbered(0, 50))
        assert lines(view)[-1].split() == ["line", "49"]
        await give(pilot, numbered(50, 52), offset=len(numbered(0, 50)))
        assert lines(view)[-1].split() == ["line", "51"]
        await pilot.press("k")
        before = lines(view)[1:]
        await give(pilot, numbered(52, 60), offset=len(numbered(0, 52)))
        assert lines(view)[1:] == before
        await pilot.press("G")
        assert lines(view)[-1].split() == ["line", "59"]
        assert view.following


async def test_scrolling_down_to_the_end_follows_again():
    async with stage().run_test(size=(60, 8)) as pilot:
        view = await give(pilot, numbered(0, 50))
        await pilot.press("pageup")
        assert not view.following
        await pilot.press("pagedown")
        assert view.following
        await pilot.press("f")
        assert not view.following
        assert lines(view)[-1].split() == ["line", "49"]


async def test_what_is_about_to_be_taken_is_no_reason_not_to_follow():
    async with stage().run_test(size=(60, 8)) as pilot:
        view = await give(pilot, numbered(0, 50))
        await pilot.press("k")
        more = numbered(50, 52)
        start = len(numbered(0, 50))
        view.append(more, offset=start, size=start + len(more), dropped=0)
        await pilot.press("j")
        assert view.following
        assert not pilot.app.of(LogView.WindowWanted)


async def test_chunks_of_one_frame_are_taken_at_once():
    async with stage().run_test(size=(60, 8)) as pilot:
        view = pilot.app.widget
        whole = numbered(0, 100)
        for at in range(0, len(whole), 7):
            view.append(whole[at : at + 7], offset=at, size=len(whole), dropped=0)
        assert view.line_count == 0
        assert view.offset_wanted == len(whole)
        view._take()
        assert view.line_count == 100


async def test_what_a_job_prints_is_harmless_and_keeps_its_colours():
    async with stage().run_test(size=(60, 8)) as pilot:
        hostile = (
            b"\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m [bold]x[/]\x07\r\n10%\r99%\n\xff\n"
        )
        view = await give(pilot, hostile)
        assert [line.rstrip() for line in lines(view)[1:4]] == [
            "red [bold]x[/]␇",
            "99%",
            "\ufffd",
        ]
        first = next(iter(view.render_line(1)))
        assert first.text == "red"
        assert first.style.color.number == 1


async def test_wrapping_shows_all_of_a_long_line():
    async with stage().run_test(size=(20, 8)) as pilot:
        view = await give(pilot, b"a" * 25 + b"\n" + b"b" * 5 + b"\n")
        assert [line.rstrip() for line in lines(view)[1:3]] == ["a" * 20, "b" * 5]
        await pilot.press("W")
        assert [line.rstrip() for line in lines(view)[1:4]] == ["a" * 20, "a" * 5, "b" * 5]
        await pilot.press("W", "right")
        assert lines(view)[1].rstrip() == "a" * 15


async def test_search_counts_and_goes_from_match_to_match():
    async with stage().run_test(size=(90, 8)) as pilot:
        await give(pilot, numbered(0, 200))
        view = await search(pilot, "line 19", numbered(0, 200))
        [asked] = pilot.app.of(LogView.SearchWanted)
        assert (asked.pattern, asked.start, asked.context) == ("line 19", None, None)
        assert view.counted == "11"
        await pilot.press("g", "n")
        assert view.counted == "1/11"
        assert any("line 19 " in line + " " for line in lines(view))
        await pilot.press("n")
        assert view.counted == "2/11"
        assert any("line 190" in line for line in lines(view))
        await pilot.press("N", "N")
        assert view.counted == "11/11"
        assert "11/11 found" in lines(view)[0]
        assert pilot.app.of(LogView.Searched)[-1].counted == "11/11"


async def test_what_a_search_cannot_mean_is_refused_and_the_old_one_goes_on():
    async with stage().run_test(size=(90, 8)) as pilot:
        await give(pilot, numbered(0, 9))
        view = await search(pilot, "line", numbered(0, 9))
        with pytest.raises(InvalidSpec):
            view.search("/(/")
        assert view.counted == "9"


async def test_a_match_that_is_not_loaded_is_asked_for_and_gone_to():
    async with stage().run_test(size=(90, 8)) as pilot:
        whole = numbered(0, 100_000)
        cut = whole.index(b"line 99900\n")
        view = await give(pilot, whole[cut:], offset=cut)
        await search(pilot, "line 5000", whole)
        await pilot.press("N")
        assert view.counted == "11/11"
        wanted = pilot.app.of(LogView.WindowWanted)[-1].offset
        at = whole.index(b"line 50009\n")
        assert wanted < at < wanted + 65_536
        await give(
            pilot, whole[wanted : wanted + 65_536], offset=wanted, size=len(whole), wanted=True
        )
        assert any(line.strip() == "line 50009" for line in lines(view))
        assert (
            f"{100 * view._offset_of(view._first_row()[0]) // len(whole)} %" in lines(view)[0]
        )
        asked = pilot.app.of(LogView.CountWanted)[-1].offset
        assert asked == wanted
        view.know_lines(asked, whole[: asked + 1].count(b"\n"))
        assert "line 50,00" in lines(view)[0]
        assert lines(view)[0].split()[-2:] != ["100", "lines"]


async def test_only_what_was_found_is_shown_with_what_is_around_it():
    async with stage().run_test(size=(90, 12)) as pilot:
        await give(pilot, numbered(0, 200))
        view = await search(pilot, "/ (50|150)$/", numbered(0, 200))
        view.sift(around=False)
        await pilot.pause()
        asked = pilot.app.of(LogView.SearchWanted)[-1]
        assert (asked.start, asked.context) == (None, 0)
        view.take_found(asked.pattern, *found_in(numbered(0, 200), asked.pattern, context=0))
        view.searched(asked.pattern)
        await pilot.pause()
        assert [line.split() for line in lines(view)[1:4]] == [
            ["51", "line", "50"],
            ["151", "line", "150"],
            [],
        ]
        assert "matches only (&)" in lines(view)[0]
        view.sift(around=True)
        await pilot.pause()
        assert pilot.app.of(LogView.SearchWanted)[-1].context == 3
        view.take_found(asked.pattern, *found_in(numbered(0, 200), asked.pattern, context=3))
        assert len([line for line in lines(view)[1:] if line.strip()]) == 11
        view.sift(around=True)
        assert not view.is_sifting
        assert view.line_count == 200


async def test_what_comes_later_is_searched_from_where_the_search_has_come():
    async with stage().run_test(size=(90, 8)) as pilot:
        await give(pilot, numbered(0, 10))
        view = await search(pilot, "line", numbered(0, 10))
        first = len(numbered(0, 10))
        await give(pilot, numbered(10, 12), offset=first)
        view._search_on()
        await pilot.pause()
        assert pilot.app.of(LogView.SearchWanted)[-1].start == first
        more = found_in(numbered(10, 12), "line", base=first)
        view.take_found("line", *more)
        view.searched("line")
        assert view.counted == "12"
        asked = len(pilot.app.of(LogView.SearchWanted))
        view._search_on()
        await pilot.pause()
        assert len(pilot.app.of(LogView.SearchWanted)) == asked


async def test_times_stand_before_the_lines_that_were_seen_to_come():
    async with stage().run_test(size=(60, 8)) as pilot:
        await give(pilot, b"old\n")
        view = await give(pilot, b"new\n", offset=4, at=3_723_000_000)
        view.stamping = True
        await pilot.pause()
        assert [line.rstrip() for line in lines(view)[1:3]] == ["         old", "01:02:03 new"]
        view.show_zone(Zone("CET", 3600))
        assert lines(view)[2].startswith("02:02:03 new")


async def test_several_logs_are_shown_as_they_come_and_told_apart():
    async with stage().run_test(size=(60, 8)) as pilot:
        view = pilot.app.widget
        view.expect(["#1", "#12"])
        view.append_of("#1", b"one\ntw", offset=0, at=0)
        view.append_of("#12", b"other\n", offset=0, at=0)
        view.append_of("#1", b"o\n", offset=6, at=0)
        view._take()
        await pilot.pause()
        assert [line.rstrip() for line in lines(view)[1:4]] == [
            " #1 one",
            "#12 other",
            " #1 two",
        ]
        view.search("O")
        while view._is_searching:
            await pilot.pause()
        assert view.counted == "0"
        view.search("o")
        while view._is_searching:
            await pilot.pause()
        assert view.counted == "3"
        view.sift(around=False)
        while view._is_searching:
            await pilot.pause()
        assert [line.rstrip() for line in lines(view)[1:3]] == [" #1 one", "#12 other"]
        colours = {next(iter(view.render_line(y))).style.color for y in (1, 2)}
        assert len(colours) == 2


async def test_all_of_a_line_can_be_asked_for():
    async with stage().run_test(size=(60, 8)) as pilot:
        long = b"x" * 5000
        view = await give(pilot, b"one\n" + long + b"\n")
        await pilot.press("end", "left")
        assert "enter shows all" in view._drawn(1)[0].text
        view.open_line()
        await pilot.pause()
        [opened] = pilot.app.of(LogView.LineOpened)
        assert (opened.data, opened.number) == (long, 2)


async def test_matches_stand_out_in_the_line():
    async with stage().run_test(size=(70, 8)) as pilot:
        view = await give(pilot, b"an \x1b[31mErr\x1b[0mor here\n")
        view.search("/err[o]r/")
        await pilot.pause()
        marked = [part.text for part in view.render_line(1) if part.style.underline]
        assert "".join(marked) == "Error"


async def test_what_is_gone_is_said():
    async with stage().run_test(size=(70, 8)) as pilot:
        view = await give(pilot, numbered(0, 3), offset=5000, dropped=5000)
        assert lines(view)[1].strip() == "··· 5,000 bytes dropped ···"


async def test_older_bytes_are_asked_for_and_join_without_moving_the_view():
    async with stage().run_test(size=(70, 8)) as pilot:
        whole = numbered(0, 300)
        cut = whole.index(b"line 200")
        view = await give(pilot, whole[cut:], offset=cut)
        assert "bytes above" in lines(view)[1]
        for _ in range(30):
            await pilot.press("pageup")
        wanted = pilot.app.of(LogView.WindowWanted)[-1].offset
        assert wanted == 0
        before = lines(view)[2:]
        await give(pilot, whole[:cut], offset=0, size=len(whole))
        assert [line for line in before if line not in lines(view)] == []
        assert view.line_count == 300


async def test_the_end_is_asked_for_if_it_is_not_loaded():
    async with stage().run_test(size=(70, 8)) as pilot:
        view = await give(pilot, numbered(0, 30), size=10**6)
        await pilot.press("g", "G")
        assert pilot.app.of(LogView.WindowWanted)[-1].offset > 900_000
        await give(pilot, b"the end\n", offset=10**6 - 8)
        assert "the end" in "".join(lines(view))


async def test_memory_stays_bounded_while_a_log_pours():
    async with stage().run_test(size=(70, 8)) as pilot:
        block, offset = numbered(0, 60_000), 0
        for _ in range(25):
            view = await give(pilot, block, offset=offset)
            offset += len(block)
        assert view._text.end - view._text.base <= MOST_BYTES
        assert lines(view)[-1].split() == ["line", "59999"]


async def test_what_is_being_read_stays_while_a_log_pours():
    async with stage().run_test(size=(70, 8)) as pilot:
        block, offset = numbered(0, 60_000), 0
        view = await give(pilot, block)
        await pilot.press("pageup", "pageup")
        before = lines(view)[2:]
        for _ in range(25):
            offset += len(block)
            await give(pilot, block, offset=offset)
        assert lines(view)[2:] == before
        assert view._text.end - view._text.base <= MOST_BYTES
        for _ in range(3):
            await pilot.press("G")
        assert pilot.app.of(LogView.WindowWanted)[-1].offset > view._text.end


async def test_a_search_that_broke_off_says_so_and_begins_anew():
    async with stage().run_test(size=(90, 8)) as pilot:
        view = await give(pilot, numbered(0, 10))
        view.search("line")
        view.take_found("line", *found_in(numbered(0, 5), "line"))
        view.searched("line", is_whole=False)
        assert view.counted == "5+"
        view.search_again()
        view.take_found("line", *found_in(numbered(0, 10), "line"))
        view.searched("line")
        assert view.counted == "10"


async def test_text_of_a_log_can_be_selected():
    async with stage().run_test(size=(70, 8)) as pilot:
        await give(pilot, b"one \x1b[31mtwo\x1b[0m\nthree\n")
        await pilot.mouse_down(offset=(4, 1))
        await pilot.hover(offset=(3, 2))
        await pilot.mouse_up(offset=(3, 2))
        assert pilot.app.screen.get_selected_text() == "two\nthre"


async def test_another_log_starts_afresh():
    async with stage().run_test(size=(70, 8)) as pilot:
        view = await give(pilot, numbered(0, 50))
        await pilot.press("k")
        view.reset()
        await give(pilot, b"other\n")
        assert [line.strip() for line in lines(view)[1:3]] == ["other", ""]
        assert view.following


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (160, 48)])
async def test_lines_are_as_wide_as_the_view(size):
    async with stage().run_test(size=size) as pilot:
        view = await give(pilot, "日本語テキスト\n".encode() * 40 + b"x" * 300)
        for wrap in (False, True):
            view.wrapping = wrap
            await pilot.pause()
            assert {view.render_line(y).cell_length for y in range(size[1])} == {size[0]}
