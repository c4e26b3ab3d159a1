"""A log of two gigabytes costs what is looked at of it, and no more."""

import re

from crabtui.data.logs.sifted import Sifted
from crabtui.data.logs.text import MOST_BYTES
from crabtui.widgets.log.view import LogView
from tests.crabtui.widgets.stage import Stage, lines

LINE = b"line %08d of very many, and each of them is just as long as all the other ones.....\n"
WIDTH = len(LINE % 0)
SIZE = 25_000_000 * WIDTH
PIECE = 64 * 1024


def part(start: int, length: int) -> bytes:
    """Bytes of a log that is nowhere."""
    first, last = start // WIDTH, min(start + length, SIZE) // WIDTH + 1
    whole = b"".join(LINE % n for n in range(first, last))
    return whole[start - first * WIDTH :][: min(length, SIZE - start)]


class Reader:
    """Answers what a view wants, and counts the bytes."""

    def __init__(self, pilot, view: LogView) -> None:
        self.pilot, self.view = pilot, view
        self.answered = self.bytes = 0

    async def serve(self) -> None:
        await self.pilot.pause()
        wanted = self.pilot.app.of(LogView.WindowWanted)
        for want in wanted[self.answered :]:
            data = part(want.offset, PIECE)
            self.bytes += len(data)
            self.view.append(data, offset=want.offset, size=SIZE, dropped=0, wanted=True)
            self.view._take()
        self.answered = len(wanted)
        for want in self.pilot.app.of(LogView.CountWanted)[-1:]:
            self.view.know_lines(want.offset, want.offset // WIDTH)
        await self.pilot.pause()


def number(view: LogView, row: int) -> int:
    found = re.match(r"line (\d+)", lines(view)[row])
    assert found, lines(view)
    return int(found[1])


async def test_going_about_in_a_huge_log_asks_for_a_window_at_a_time():
    async with Stage(LogView(title="Log")).run_test(size=(120, 12)) as pilot:
        view = pilot.app.widget
        reader = Reader(pilot, view)
        start = SIZE - PIECE
        view.append(part(start, PIECE), offset=start, size=SIZE, dropped=0)
        view._take()
        await reader.serve()
        assert number(view, 11) == 24_999_999
        assert "2.0 GB" in lines(view)[0]
        await pilot.press("g")
        await reader.serve()
        assert number(view, 1) == 0
        assert "0 %  line 1 " in lines(view)[0]
        view.search("needle")
        view.take_found(
            "needle", [Sifted(12_000_000 * WIDTH, b"")], [12_000_000 * WIDTH], (0, SIZE)
        )
        view.searched("needle")
        await pilot.press("n")
        await reader.serve()
        shown = [number(view, row) for row in range(2, 12)]
        assert 12_000_000 in shown
        assert "47 %  line ~12.0 M  2.0 GB" in lines(view)[0]
        for _ in range(100):
            await pilot.press("pagedown")
            await reader.serve()
        assert number(view, 2) > 12_000_900
        for _ in range(150):
            await pilot.press("pageup")
            await reader.serve()
        assert number(view, 2) < 12_000_000
        await pilot.press("G")
        await reader.serve()
        assert number(view, 11) == 24_999_999
        assert reader.bytes <= 12 * PIECE
        assert view._text.end - view._text.base <= MOST_BYTES
