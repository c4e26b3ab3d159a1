"""The table holds ids, draws what is in view, and asks for what it lacks."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.events import MouseScrollDown

from crabtui.data.table.board import Board
from crabtui.widgets.table.virtual_table import VirtualTable
from tests.crabtui.data.rows import NOW, SECOND, a_page, a_row
from tests.crabtui.widgets.stage import Stage, lines

SIZES = [pytest.param((80, 24), id="80x24"), pytest.param((160, 48), id="160x48")]


def a_board(ids, **page) -> Board:
    return Board().apply(a_page(ids, **page), 1.0)


def a_table(**options) -> VirtualTable:
    return VirtualTable(now_at=NOW, **options)


@pytest.mark.parametrize("size", SIZES)
async def test_every_line_is_exactly_as_wide_as_the_table(size):
    async with Stage(a_table()).run_test(size=size) as pilot:
        table = pilot.app.widget
        board = a_board(range(1, 9), total=20)
        board = replace(board, rows={**board.rows, 0: a_row(1, name="日本語\x1b[2J[/x]" * 20)})
        table.show(board)
        await pilot.pause()
        assert {cell_len(line) for line in lines(table)} == {size[0]}
        assert "日本語[/x]" in lines(table)[1]
        assert "\x1b" not in "".join(lines(table))


async def test_rows_below_what_is_loaded_are_skeletons_and_are_asked_for():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(1, 4), total=1_000_000))
        await pilot.pause()
        assert "#3" in lines(table)[3]
        assert "···" in lines(table)[4]
        asked = pilot.app.of(VirtualTable.WindowWanted)
        assert (asked[-1].at, asked[-1].count) == (0, 18)


async def test_the_end_of_a_million_rows_is_one_key_away():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(1, 40), total=1_000_000))
        await pilot.press("G")
        await pilot.pause()
        asked = pilot.app.of(VirtualTable.WindowWanted)[-1]
        assert asked.at <= 999_991
        assert asked.at + asked.count >= 1_000_000
        assert table.cursor_id is None
        page = a_page(range(5_000_000, 5_000_030), offset=999_970, total=1_000_000, seq=2)
        table.show(table.board.apply(page))
        await pilot.pause()
        assert table.cursor_id == 5_000_029
        assert "#5000029" in lines(table)[-1]


async def test_the_cursor_stays_on_its_job_and_that_row_where_it_is():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(10, 60)))
        await pilot.press("j", "j", "j")
        before = [y for y, line in enumerate(lines(table)) if line.startswith("▌")]
        table.show(a_board([1, 2, *range(10, 60)], seq=2))
        await pilot.pause()
        assert table.cursor_id == 13
        after = [y for y, line in enumerate(lines(table)) if line.startswith("▌")]
        assert after == before
        assert "#13" in lines(table)[after[0]]


async def test_a_view_that_nobody_touched_stays_at_the_top():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(10, 60)))
        table.show(a_board([1, 2, *range(10, 60)], seq=2))
        await pilot.pause()
        assert "#1 " in lines(table)[1]
        assert table.cursor_id == 10


async def test_a_lost_row_gives_the_cursor_to_its_next_neighbour():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board([1, 2, 3, 4, 5]))
        await pilot.press("j", "j")
        table.show(a_board([1, 2, 5], seq=2))
        await pilot.pause()
        lost = pilot.app.of(VirtualTable.CursorLost)[-1]
        assert (lost.old, lost.new, table.cursor_id) == (3, 5, 5)


async def test_a_list_that_empties_leaves_no_cursor():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board([1]))
        table.show(a_board([], seq=2))
        await pilot.pause()
        assert table.cursor_id is None
        await pilot.press("enter", "space", "j", "x")
        assert not pilot.app.of(VirtualTable.Opened)


async def test_marks_are_ids_and_survive_the_list_moving():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board([1, 2, 3, 4]))
        await pilot.press("space", "space")
        table.show(a_board([9, 4, 2, 8, 1], seq=2))
        await pilot.pause()
        assert table.marks == {1, 2}
        marked = [line for line in lines(table) if line[1] == "*"]
        assert ["#2" in marked[0], "#1" in marked[1], len(marked)] == [True, True, 2]
        assert pilot.app.of(VirtualTable.MarksChanged)[-1].jobs == {1, 2}


async def test_a_range_marks_what_it_passes_and_gives_back_what_it_leaves():
    async with Stage(a_table()).run_test(size=(80, 12)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(1, 9)))
        await pilot.press("v", "j", "j", "j", "k")
        assert table.marks == {1, 2, 3}
        await pilot.press("v", "j")
        assert table.marks == {1, 2, 3}
        await pilot.press("j", "shift+down")
        assert table.marks == {1, 2, 3, 5, 6}


async def test_a_range_over_rows_that_are_not_loaded_is_refused():
    async with Stage(a_table()).run_test(size=(80, 12)) as pilot:
        table = pilot.app.widget
        board = a_board(range(1, 9), total=100)
        far = a_page(range(91, 101), offset=90, total=100)
        table.show(board.apply(far))
        await pilot.press("v", "G")
        await pilot.pause()
        assert pilot.app.of(VirtualTable.Refused)
        assert table.marks == {1}


async def test_ages_repaint_only_lines_whose_text_changed(monkeypatch):
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        ended = a_row(2, "succeeded", started_at=NOW - SECOND, completed_at=NOW)
        old = a_row(1, "running", state_at=NOW - 7_200 * SECOND)
        page = a_page([])
        rows = (old, ended, a_row(3, "running", state_at=NOW - 5 * SECOND))
        page = type(page)(jobs=rows, offset=0, total=3, total_is_exact=True, seq=1)
        table.show(Board().apply(page))
        await pilot.pause()
        lines(table)
        repainted = []
        monkeypatch.setattr(table, "refresh_lines", lambda y, count=1: repainted.append(y))
        table.tick(NOW + SECOND)
        assert repainted == [3]
        assert "6s" in lines(table)[3]


@pytest.mark.parametrize("keys", [("G",), ("end",), ("pagedown",) * 20, ("ctrl+d",) * 40])
async def test_motion_ends_at_the_last_row(keys):
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(1, 100)))
        await pilot.press(*keys)
        assert table.cursor_id == 99
        await pilot.press("g")
        assert (table.cursor_id, table.scroll_offset.y) == (1, 0)


async def test_the_mouse_moves_marks_sorts_and_opens():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(1, 100)))
        await pilot.pause()
        await pilot.click(offset=(20, 3))
        assert table.cursor_id == 3
        await pilot.click(offset=(1, 5))
        assert table.marks == {5}
        await pilot.click(offset=(20, 7), shift=True)
        assert table.marks == {5, 6, 7}
        await pilot.click(offset=(15, 0))
        assert pilot.app.of(VirtualTable.SortWanted)[-1].column == "name"
        await pilot.click(offset=(20, 4), times=2)
        assert pilot.app.of(VirtualTable.Opened)[-1].job == 4


async def test_the_wheel_scrolls_without_moving_the_cursor():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(1, 100)))
        await pilot.pause()
        await pilot._post_mouse_events([MouseScrollDown], offset=(20, 5))
        await pilot.pause()
        assert (table.scroll_offset.y, table.cursor_id) == (3, 1)


async def test_a_followed_job_that_leaves_the_window_is_asked_for():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board(range(1, 20), total=1000))
        table.following = True
        await pilot.press("j")
        table.show(a_board([1, *range(3, 21)], total=1000, seq=2))
        await pilot.pause()
        assert table.cursor_id == 2
        assert pilot.app.of(VirtualTable.RowWanted)[-1].job == 2
        assert not pilot.app.of(VirtualTable.CursorLost)


async def test_ascii_mode_sends_only_ascii():
    async with Stage(a_table(ascii_only=True)).run_test(size=(80, 24)) as pilot:
        table = pilot.app.widget
        rows = (
            a_row(1, "running", name="日本語 ●"),
            a_row(2, "pending", unmet=2, held_by="ana", name="x" * 80),
            a_row(3, "running", unreachable_at=NOW),
        )
        page = a_page([])
        page = type(page)(jobs=rows, offset=0, total=9, total_is_exact=True, seq=1)
        table.show(Board().apply(page))
        table.show_sort("name", descending=True)
        await pilot.press("j", "space")
        assert "".join(lines(table)).isascii()


@pytest.mark.parametrize("name", ["ansi", "mono"])
async def test_themes_without_grounds_show_the_cursor_reversed(name):
    async with Stage(a_table(), theme_name=name).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board([1, 2]))
        await pilot.pause()
        styles = [segment.style for segment in table.render_line(1)]
        assert all(style.reverse for style in styles)
        assert not any(segment.style.reverse for segment in table.render_line(2))


async def test_a_stale_picture_is_muted():
    async with Stage(a_table()).run_test(size=(80, 10)) as pilot:
        table = pilot.app.widget
        table.show(a_board([1, 2]))
        await pilot.press("j")
        table.stale = True
        colours = {segment.style.color.name for segment in table.render_line(1)}
        assert "#d8dee6" not in colours
