"""The end of a log at a glance."""

import pytest

from crabtui.data.job.failure_lines import tail
from crabtui.widgets.panes.glance_pane import GlancePane
from tests.crabtui.widgets.stage import Stage, lines


async def test_the_last_lines_fill_the_room_there_is():
    async with Stage(GlancePane(title="log")).run_test(size=(40, 4)) as pilot:
        pane = pilot.app.widget
        pane.show(b"".join(b"step %d\n" % n for n in range(100)))
        await pilot.pause()
        assert [line.strip() for line in lines(pane)[1:]] == ["step 97", "step 98", "step 99"]
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert lines(pane)[1].strip() == "step 95"
        pane.show(b"", "there is no log")
        await pilot.pause()
        assert lines(pane)[1].strip() == "there is no log"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"10%\r50%\r100%\ndone", ["100%", "done"]),
        (b"\x1b[31mred\x1b[0m \xff", ["red \ufffd"]),
        (b"x\x1b]0;title\x07y", ["xy"]),
        (b"[red]a[/]", ["[red]a[/]"]),
    ],
)
def test_what_was_printed_as_a_terminal_would_show_it(data, shown):
    assert tail(data) == shown


def test_a_line_that_may_have_lost_its_beginning_is_left_out():
    assert tail(b"alf a line\nb\nc\n", 2) == ["b", "c"]
    assert tail(b"a\nb\n", 3) == ["a", "b"]
