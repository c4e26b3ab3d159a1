"""Short lists: their titles stay, and the row under the cursor stands out."""

from textual.color import Color

from crabtui import theme
from crabtui.views.line_table import LineTable
from tests.crabtui.widgets.stage import Stage, lines


class Names(LineTable[str]):
    """A list of words."""

    def key_of(self, row):
        return row

    def head(self, width):
        return " WORDS"

    def line(self, row, width, *, here):
        return [("▌" if here else " ", "accent"), (row, "text")]


ROWS = [f"word-{n}" for n in range(12)]


async def test_the_titles_stay_while_the_rows_scroll():
    async with Stage(Names(ascii_only=False)).run_test(size=(20, 5)) as pilot:
        table = pilot.app.widget
        table.show(ROWS)
        await pilot.pause()
        for _ in range(7):
            await pilot.press("j")
        shown = [line.strip() for line in lines(table)]
        assert shown == ["WORDS", "word-4", "word-5", "word-6", "▌word-7"]
        await pilot.press("k", "k", "k", "k")
        assert [line.strip() for line in lines(table)][:2] == ["WORDS", "▌word-3"]
        await pilot.press("G")
        assert lines(table)[-1].strip() == "▌word-11"


async def test_the_row_under_the_cursor_stands_on_raised_ground():
    async with Stage(Names(ascii_only=False)).run_test(size=(20, 5)) as pilot:
        table = pilot.app.widget
        table.show(ROWS)
        await pilot.press("j")
        raised = Color.parse(theme.PALETTES["crab-dark"]["raised"]).rich_color
        grounds = [
            {segment.style.bgcolor for segment in table.render_line(y)} for y in range(5)
        ]
        assert [raised in ground for ground in grounds] == [False, False, True, False, False]
        assert grounds[2] == {raised}


async def test_without_colours_it_is_reversed():
    async with Stage(Names(ascii_only=False), theme_name="mono").run_test(
        size=(20, 5)
    ) as pilot:
        table = pilot.app.widget
        table.show(ROWS)
        await pilot.pause()
        assert [any(s.style.reverse for s in table.render_line(y)) for y in range(3)] == [
            False,
            True,
            False,
        ]
