"""The log view: follows, stops when scrolled, searches, and stays small and harmless."""

import pytest
from textual.pilot import Pilot

from crabtui.data.log_text import MOST_BYTES
from crabtui.widgets.log_view import LogView
from tests.crabtui.widgets.stage import Stage, lines


def numbered(first: int, last: int) -> bytes:
    return b"".join(b"line %d\n" % n for n in range(first, last))


async def give(pilot: Pilot, data: bytes, *, offset=0, size=None, dropped=0) -> LogView:
    view = pilot.app.widget
    size = offset + len(data) if size is None else size
    view.append(data, offset=offset, size=size, dropped=dropped)
    view._take()
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
    async with stage().run_test(size=(70, 8)) as pilot:
        view = await give(pilot, numbered(0, 200))
        view.search("LINE 19")
        await pilot.pause()
        while view._is_searching:
            await pilot.pause()
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


async def test_matches_stand_out_in_the_line():
    async with stage().run_test(size=(70, 8)) as pilot:
        view = await give(pilot, b"an \x1b[31mErr\x1b[0mor here\n")
        view.search("error")
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
