"""Logs in the console, by their keys: search, sift, merge, take along, and whatever breaks."""

import os
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from textual.widgets import Input

from crabtui.data.wording import Zone
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.confirm import Confirm
from crabtui.dialogs.reading import Reading
from crabtui.views.logs.found import FoundScreen
from crabtui.views.logs.logs import LogsScreen
from engine.control import messages as m
from engine.control import views as v
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import NARROW, WIDE, Seat, seat
from tests.kit.fake_world import World
from tests.kit.golden import check_golden
from tests.kit.still_clock import StillClock


@pytest.fixture
def world() -> World:
    return busy_world(StillClock())


async def open_log(here: Seat, job: int = 1) -> None:
    await here.go_to(job)
    await here.press("l")
    await here.reads("log  stdout")
    await here.until(lambda: pane(here).line_count > 0)


def pane(here: Seat) -> Any:
    return here.app.front.log_pane  # type: ignore[attr-defined]


async def search(here: Seat, text: str) -> None:
    await here.press("slash")
    await here.type(text)
    await here.press("enter")


async def test_a_search_is_counted_and_one_goes_from_match_to_match(world: World) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        await search(here, "step 39")
        await here.reads("11 found")
        await here.press("N")
        await here.reads("11/11 found")
        await here.press("N", "N")
        await here.reads("9/11 found", "step 397")
        await here.press("escape")
        assert "found" not in here.text


async def test_what_cannot_be_searched_for_is_said_in_the_prompt(world: World) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        await here.press("slash", "slash", "left_parenthesis", "slash", "enter")
        await here.reads("a '(' is never closed")
        await here.press("escape")
        assert "found" not in here.text


async def test_only_matches_are_shown_and_all_again(world: World) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        await here.press("L")
        await here.until(lambda: isinstance(here.app.front, LogsScreen))
        await search(here, "step 10")
        await here.press("ampersand")
        await here.reads("matches only (&)", "step 109")
        assert "step 110" not in here.text
        await here.press("ctrl+g")
        await here.reads("matches only ±3 (&)", "step 110")
        await here.press("escape")
        await here.reads("step 399")
        assert "matches only" not in here.text
        await here.press("escape")
        await here.until(lambda: "found" not in here.text)
        await here.press("escape")
        await here.until(lambda: not isinstance(here.app.front, LogsScreen))


async def test_a_log_on_the_whole_screen_has_an_address(world: World) -> None:
    async with seat(world) as here:
        await open_log(here)
        await here.press("L")
        await here.reads("jobs › #1 › logs", "step 399")
        await here.press("Y")
        await here.says("logs/1")


async def test_logs_of_marked_jobs_are_one_with_the_jobs_before_the_lines(
    world: World,
) -> None:
    world.write_log(2, b"other one\nother two\n")
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("space")
        await here.go_to(2)
        await here.press("space", "l")
        await here.reads("2 logs  stdout", "#1 step 399", "#2 other two")
        world.write_log(2, b"other three\n")
        await here.reads("#2 other three")
        await search(here, "other")
        await here.reads("3 found")
        await here.press("E")
        await here.says("that is done with one log")


async def test_logs_are_named_by_their_jobs(world: World) -> None:
    world.write_log(2, b"other\n")
    async with seat(world) as here:
        await here.press("colon")
        await here.type("logs 1 #2")
        await here.press("enter")
        await here.reads("jobs › #1, #2 › logs", "#2 other")
        await here.press("q")
        await here.until(lambda: not isinstance(here.app.front, LogsScreen))
        await here.press("colon")
        await here.type("logs one")
        await here.press("enter")
        await here.reads("are no job numbers")


async def test_all_of_a_long_line_is_shown(world: World) -> None:
    world.write_log(1, b"x" * 5_000 + b"END\n")
    async with seat(world) as here:
        await open_log(here)
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, Reading))
        await here.press("G")
        await here.reads("END")


async def test_times_are_shown_of_lines_that_were_seen_to_come(world: World) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        world.write_log(1, b"a new line\n")
        await here.reads("a new line")
        await here.press("t")
        line = next(line for line in here.text.splitlines() if "a new line" in line)
        assert line[2] == line[5] == ":"


async def test_a_log_is_saved_and_nothing_is_written_over_unasked(
    world: World, tmp_path: Any
) -> None:
    path = tmp_path / "saved"
    async with seat(world, WIDE) as here:
        await open_log(here)

        async def save() -> None:
            await here.press("E")
            await here.until(lambda: isinstance(here.app.screen, Ask))
            here.app.screen.query_one("Input").value = str(path)  # type: ignore[attr-defined]
            await here.press("enter")

        await save()
        await here.says("saved")
        assert path.read_bytes() == world.logs[1, "out"]
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_text("precious")
        await save()
        await here.until(lambda: isinstance(here.app.screen, Confirm))
        await here.press("escape")
        await here.says("nothing was saved")
        assert path.read_text() == "precious"
        await save()
        await here.until(lambda: isinstance(here.app.screen, Confirm))
        await here.press("y")
        await here.says("saved")
        assert path.read_bytes() == world.logs[1, "out"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [("~nobody-we-know/x", "nobody's home"), ("x" * 300, "File name too long")],
)
async def test_what_is_no_path_is_said_while_it_can_be_mended(
    world: World, tmp_path: Any, typed: str, says: str
) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        await here.press("E")
        await here.until(lambda: isinstance(here.app.screen, Ask))
        field = here.app.screen.query_one(Input)
        field.max_length = 400
        field.value = typed
        await here.press("enter")
        await here.reads(says)
        assert isinstance(here.app.screen, Ask)


async def test_a_path_that_cannot_be_written_is_said(world: World, tmp_path: Any) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        await here.press("E")
        await here.until(lambda: isinstance(here.app.screen, Ask))
        here.app.screen.query_one("Input").value = f"{tmp_path}/no/such"  # type: ignore[attr-defined]
        await here.press("enter")
        await here.says("No such file or directory")


async def test_a_pager_needs_a_terminal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PAGER", "less")
    async with seat(world, WIDE) as here:
        await open_log(here)
        await here.press("v")
        await here.says("cannot be lent to a pager")


async def test_older_attempts_have_logs_too(world: World) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)

        def asked() -> list[int | None]:
            reads = (m.ReadLog, m.FollowLog)
            return [one.attempt for one in world.asked if isinstance(one, reads)]

        await here.press("less_than_sign")
        await here.until(lambda: asked()[-1] == 1)
        await here.press("greater_than_sign")
        await here.until(lambda: asked()[-1] is None)


async def test_times_turn_to_another_zone_with_the_rest(world: World) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        world.write_log(1, b"a new line\n")
        await here.reads("a new line")
        await here.press("t")
        here.app.front.body.show_zone(Zone("IST", 19_800))
        await here.until(lambda: "03:43:" in here.text)


async def test_a_mark_is_come_back_to(world: World) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        await here.press("apostrophe")
        await here.says("no line is marked")
        await here.press("g", "m", "G")
        await here.reads("step 399")
        await here.press("apostrophe")
        await here.reads("step 0 ")
        await here.press("apostrophe")
        await here.reads("step 385")


async def test_nothing_comes_twice_or_is_lost_when_the_daemon_comes_back(
    world: World,
) -> None:
    async with seat(world, WIDE) as here:
        await open_log(here)
        await here.press("L")
        await here.reads("step 399")
        world.down = True
        world.stir()
        await here.reads("OFFLINE")
        world.write_log(1, b"while away\n")
        world.down = False
        here.app.feed.hurry()
        await here.reads("while away")
        text = pane(here)._text
        lines = [text.line(n) for n in range(len(text))]
        whole = world.logs[1, "out"].split(b"\n")[:-1]
        assert lines == whole[len(whole) - len(lines) :]


def found(job: int, *lines: bytes, **more: Any) -> v.LogsFound:
    hits = tuple(
        v.LogHit(offset=n * 25, before=40 * n, data=line) for n, line in enumerate(lines)
    )
    return v.LogsFound(
        job=job,
        name=f"train seed={job}",
        attempt=f"{job}-2-1",
        number=2,
        stream="out",
        worker="node-7",
        hits=hits,
        **more,
    )


def a_search(world: World) -> None:
    async def answer(_: m.SearchLogs) -> AsyncGenerator[v.LogsFound, None]:
        yield found(1, b"step 0 loss 0.900", b"a step further \x1b]0;x\x07than \x1b[31mbefore")
        yield found(2, b"y" * 300 + b" step at the end of a long line", more=True)
        yield found(3, trouble="`node-9` is out of reach: no route to host")
        total = v.SearchTotal(
            matched=16,
            matched_is_exact=True,
            jobs=16,
            logs=30,
            bytes=5_000_000,
            hits=3,
            unread=1,
        )
        yield v.LogsFound(total=total)

    world.streams[m.SearchLogs] = answer


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x48"])
async def test_lines_of_all_jobs_are_found_and_lead_to_their_logs(
    world: World, size: tuple[int, int]
) -> None:
    a_search(world)
    async with seat(world, size) as here:
        await here.press("colon")
        await here.type("grep step")
        await here.press("enter")
        await here.reads("3 lines, 16 jobs of 16 looked at", "out of reach")
        name = f"console/grep.{size[0]}x{size[1]}.txt"
        check_golden(name, here.text)
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.front, LogsScreen))
        await here.reads("400 found", "step 0 loss")
        [asked] = [one for one in world.asked if isinstance(one, m.SearchLogs)]
        assert (asked.pattern, asked.where) == ("step", "")
        await here.press("escape", "escape")
        await here.until(lambda: isinstance(here.app.front, FoundScreen))


async def test_a_search_of_all_logs_is_of_the_filter_that_is_set(world: World) -> None:
    a_search(world)
    async with seat(world, address=_address("jobs?state=running")) as here:
        await here.press("colon")
        await here.type("grep x")
        await here.press("enter")
        await here.reads("grep x")
        asked = [one for one in world.asked if isinstance(one, m.SearchLogs)]
        assert [one.where for one in asked] == ["state:running"]


def _address(text: str) -> Any:
    from crabtui.addresses import parse_address

    return parse_address(text)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x48"])
async def test_how_logs_look(world: World, size: tuple[int, int]) -> None:
    world.write_log(1, b"10%\r55%\r100% done\n\x1b[32mok\x1b[0m \xe6\x97\xa5 \xff\x00\n")
    async with seat(world, size, address=_address("logs/1")) as here:
        await here.reads("100% done")
        await search(here, "done")
        await here.reads("found")
        await here.press("N")
        await here.reads("1/1 found")
        check_golden(f"console/logs.{size[0]}x{size[1]}.txt", here.text)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x48"])
async def test_how_merged_logs_look(world: World, size: tuple[int, int]) -> None:
    world.write_log(2, b"epoch 1\nepoch 2\nepoch 3\n")
    async with seat(world, size, address=_address("logs/1,2")) as here:
        await here.reads("#2 epoch 3", "#1 step 399")
        check_golden(f"console/logs-merged.{size[0]}x{size[1]}.txt", here.text)
