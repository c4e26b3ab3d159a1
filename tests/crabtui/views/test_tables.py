"""What one does with a table of jobs: narrow, count, arrange, save and export it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from crabtui.addresses import Address
from crabtui.data.wording import Zone
from crabtui.doing.drafts import drafted
from crabtui.saved_views import load_views, usual_path
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.table.virtual_table import VirtualTable
from engine.control import messages as m
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import NARROW, WIDE, a_world, seat
from tests.kit.golden import check_golden
from tests.kit.still_clock import StillClock

MEDIUM = (100, 30)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def chips(here: Any) -> tuple[str, ...]:
    found: tuple[str, ...] = here.jobs.query_one(Chips)._chips
    return found


async def shown(here: Any, *words: str) -> None:
    """Type a line of the command bar."""
    await here.press("colon")
    await here.type(" ".join(words))
    await here.press("enter")


async def test_values_are_offered_with_their_counts_and_taken_with_tab() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type("queue:")
        await here.reads("default 11", "gpu 5")
        await here.type("g")
        await here.reads("gpu 5")
        await here.press("tab", "enter")
        await here.until(lambda: here.jobs.total == 5)
        assert chips(here) == ("queue:gpu",)
        await here.says("5 match", "indexed")
        await here.press("2")
        await here.until(lambda: "match" not in here.status)


async def test_commands_complete_filters_with_counts_too() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("colon")
        await here.type("jobs queue:")
        await here.reads("default 11")


async def test_a_mistake_keeps_the_last_result_and_stands_under_its_place() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type("state:failed")
        await here.press("enter", "slash", "end")
        await here.until(lambda: here.jobs.total == 1)
        await here.type(" stat:x")
        await here.reads("^ filter, column 14: unknown field 'stat': did you mean 'state'?")
        assert here.jobs.total == 1


async def test_spaces_in_a_phrase_stay_as_they_were_typed() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type('name:"a  b" ')
        await here.press("enter")
        assert here.jobs.look.where == 'name:"a  b"'


async def test_how_many_match_is_not_said_of_a_filter_that_is_gone() -> None:
    async with seat(busy_world(StillClock())) as here:
        await shown(here, "jobs queue:gpu")
        await here.says("5 match")
        await here.press("escape")
        await here.says("no filter")


async def test_another_order_leaves_the_cursor_on_its_job() -> None:
    world = a_world()
    for number in range(500):
        world.add(f"job-{number}", "queued")
    async with seat(world) as here:
        await here.press("greater_than_sign", "j", "j")
        await here.until(lambda: here.jobs.look.sort == "id" and here.jobs.total == 500)
        job = here.cursor
        assert job is not None
        await here.press("I")
        await here.until(lambda: here.jobs.look.descending and here.jobs.total == 500)
        assert here.cursor == job
        table = here.jobs.table
        await here.until(lambda: table.cursor_row is not None)
        place = table.board.place_of(job)
        first, last = table.shown_places
        assert place is not None
        assert first <= place + 1 <= last


async def test_a_filter_that_hides_the_cursors_job_starts_at_its_top() -> None:
    world = a_world()
    for number in range(500):
        world.add(f"job-{number}", "queued", queue="gpu" if number < 200 else "io")
    async with seat(world) as here:
        await here.press("G")
        await here.until(lambda: here.jobs.table.cursor_row is not None)
        gone = here.jobs.queue
        await shown(here, f"jobs !queue:{gone}")
        await here.until(lambda: here.jobs.total in (200, 300))
        await here.until(lambda: here.jobs.table.shown_places[0] == 1)
        assert here.jobs.queue != gone


async def test_all_that_match_stay_marked_while_more_rows_come() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("asterisk")
        here.jobs.table.post_message(VirtualTable.MarksChanged(frozenset({1})))
        await here.pilot.pause()
        assert here.jobs.all_matching is not None
        await here.press("space")
        assert here.jobs.all_matching is None


async def test_groups_count_their_values_and_the_list_its_rows_again() -> None:
    async with seat(busy_world(StillClock())) as here:
        await shown(here, "group queue")
        await here.reads("2 values")
        await here.press("percent_sign")
        await here.reads("1-16 of 16")


async def test_backspace_in_an_empty_prompt_brings_the_chips_back() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type("queue:gpu state:running")
        await here.press("enter", "slash", "ctrl+u", "backspace")
        assert here.app.front.prompt.value == "queue:gpu state:running"


async def test_a_cleared_filter_comes_back_with_up() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type("queue:gpu")
        await here.press("enter")
        await here.until(lambda: here.jobs.total == 5)
        await here.press("escape")
        await here.until(lambda: here.jobs.total == 16)
        await here.press("slash", "up", "enter")
        await here.until(lambda: here.jobs.total == 5)


async def test_backspace_drops_the_last_chip_and_a_click_any_of_them() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type("queue:gpu state:running")
        await here.press("enter", "exclamation_mark")
        assert chips(here) == ("queue:gpu", "state:running", "! state:failed,timeout,retrying")
        await here.press("backspace", "backspace")
        assert chips(here) == ("queue:gpu",)
        await here.press("backspace")
        assert chips(here) == ()
        await here.press("backspace")
        await here.says("nothing is filtered")


async def test_brackets_survive_when_a_chip_goes() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type("state:running (queue:gpu|queue:default)")
        await here.press("enter")
        assert chips(here) == ("state:running", "(queue:gpu | queue:default)")
        here.jobs.turn(here.jobs.look.without(0))
        assert here.jobs.look.where == "(queue:gpu | queue:default)"


async def test_a_time_range_is_a_chip_that_replaces_the_one_before() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("t", "1")
        assert chips(here) == ("since:1h",)
        await here.press("t", "5")
        assert chips(here) == ("since:5m",)
        await here.press("t", "c")
        await here.type("nonsense")
        await here.press("enter")
        await here.reads("is no time")
        await here.press(*["backspace"] * 8)
        await here.type("90m")
        await here.press("enter")
        assert chips(here) == ("since:1h30m",)
        await here.press("t", "a")
        assert chips(here) == ()


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_jobs_are_counted_by_a_field_and_a_group_opens_its_jobs(
    size: tuple[int, int],
) -> None:
    async with seat(busy_world(StillClock()), size) as here:
        await here.press("percent_sign", "q")
        await here.reads("QUEUE", "default", "gpu")
        check_golden(f"console/groups.{size[0]}x{size[1]}.txt", here.text)
        assert here.jobs.targets == ()
        await here.press("j", "enter")
        await here.until(lambda: here.jobs.total == 5)
        assert chips(here) == ("queue:gpu",)
        await here.reads("#7 train_v2")


async def test_groups_go_with_percent_or_escape_and_follow_the_filter() -> None:
    async with seat(busy_world(StillClock())) as here:
        await shown(here, "group state")
        await here.reads("STATE", "% state")
        await here.press("percent_sign")
        assert not here.jobs.look.group
        await shown(here, "group state")
        await here.press("slash")
        await here.type("queue:gpu")
        await here.press("enter")
        await here.until(lambda: [g.count for g in here.jobs.groups.rows] == [3, 2])
        await here.press("escape")
        assert (here.jobs.look.group, here.jobs.look.where) == ("", "queue:gpu")


async def test_columns_are_chosen_moved_and_sized() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("C", "greater_than_sign", "space", "enter")
        titles = [col.key for col in here.jobs.table.columns]
        assert titles[0] == "name"
        assert "id" not in titles
        await shown(here, "columns id state queue:12 name")
        assert "STATE" in here.text.splitlines()[3]
        assert [col.width for col in here.jobs.table.columns][:3] == [8, 9, 12]
        await here.press("C", "a")
        assert here.jobs.table.columns[0].key == "id"
        await shown(here, "columns id nmae")
        await here.reads("name")


async def test_wide_shows_more_columns_and_the_header_counts_those_without_room() -> None:
    async with seat(busy_world(StillClock())) as here:
        assert "→5" in here.text
        await here.press("W")
        await here.says("wide")
        assert "WAIT" in here.text
        assert "→4" in here.text
        await here.press("W")
        assert "→5" in here.text


async def test_a_view_is_saved_opened_and_forgotten() -> None:
    async with seat(busy_world(StillClock())) as here:
        await here.press("slash")
        await here.type("queue:gpu")
        await here.press("enter")
        await shown(here, "columns id name queue")
        await shown(here, "view save gpu-hot")
        await here.says("view gpu-hot saved")
        assert load_views(usual_path())["gpu-hot"].columns == "id name queue"
        await here.press("escape")
        await shown(here, "columns auto")
        await shown(here, "view gpu-hot")
        await here.until(lambda: here.jobs.look.where == "queue:gpu")
        assert [col.key for col in here.jobs.table.columns] == ["id", "name", "queue"]
        await here.press("colon")
        await here.type("view gpu-hto")
        await here.press("enter")
        await here.reads("did you mean 'gpu-hot'?")
        await here.press("escape")
        await shown(here, "view delete gpu-hot")
        await here.says("deleted")
        assert load_views(usual_path()) == {}


@pytest.mark.parametrize("key", ["c", "j", "l"])
async def test_all_rows_that_match_are_exported(tmp_path: Path, key: str) -> None:
    world = busy_world(StillClock())
    for number in range(2_500):
        world.add(f"=evil{number}", "queued", queue="bulk")
    usual = world.answers

    def page(ask: m.ListJobs) -> Any:
        rows = sorted(world.matching(ask.where), key=lambda row: row.id)
        start = next((i + 1 for i, r in enumerate(rows) if r.id == ask.after), ask.at or 0)
        part = tuple(rows[start : start + ask.count])
        more = start + len(part) < len(rows)
        from engine.control.views import JobsPage

        return JobsPage(
            jobs=part,
            offset=start,
            total=len(rows),
            total_is_exact=True,
            seq=1,
            next=part[-1].id if part and more else None,
        )

    usual[m.ListJobs] = page
    async with seat(world) as here:
        await shown(here, "jobs queue:bulk")
        await here.until(lambda: here.jobs.total == 2_500)
        await here.press("E", key, "enter")
        await here.says("2,500 jobs written")
    [path] = [file for file in tmp_path.iterdir() if file.name.startswith("jobs.")]
    text = path.read_text()
    if key == "c":
        names = [row["name"] for row in csv.DictReader(text.splitlines())]
        assert names[0] == "'=evil0"
    elif key == "j":
        names = [job["name"] for job in json.loads(text)["jobs"]]
    else:
        names = [json.loads(line)["name"] for line in text.splitlines()]
    assert len(names) == 2_500
    assert not list(tmp_path.glob(".*.part"))


def test_a_file_that_is_never_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    def write() -> None:
        with drafted(tmp_path / "jobs.csv") as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert not list(tmp_path.iterdir())


def test_two_exports_to_one_file_spare_each_other(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"

    def write(text: str, *others: str) -> None:
        with drafted(path) as file:
            file.write(text)
            for other in others:
                write(other)

    with pytest.raises(FileExistsError):
        write("late", "early")
    assert path.read_text() == "early"
    assert list(tmp_path.iterdir()) == [path]


async def test_a_screen_is_exported_and_nothing_is_written_over(tmp_path: Path) -> None:
    async with seat(busy_world(StillClock())) as here:
        await shown(here, "export shot.txt")
        await here.says("this screen written")
        assert "train_v2" in (tmp_path / "shot.txt").read_text()
        await here.press("colon")
        await here.type("export shot.txt")
        await here.press("enter")
        await here.reads("is there already")
        await here.press("ctrl+u")
        await here.type("export nowhere/x.csv")
        await here.press("enter")
        await here.reads("there is no folder")


async def test_the_look_of_a_list_is_kept_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    async with seat(busy_world(StillClock()), session_path=path, address=Address()) as here:
        await shown(here, "columns id name queue:10")
        await shown(here, "group queue")
        here.app.remembering.keep()
    async with seat(busy_world(StillClock()), session_path=path) as here:
        assert here.jobs.look.group == "queue"
        await here.press("percent_sign")
        assert [col.key for col in here.jobs.table.columns] == ["id", "name", "queue"]


async def test_an_empty_list_has_no_groups() -> None:
    async with seat(a_world()) as here:
        await shown(here, "group queue")
        await here.reads("no jobs yet")


async def test_times_are_typed_in_the_zone_that_is_shown() -> None:
    async with seat(busy_world(StillClock())) as here:
        here.app.local_zone = Zone("CEST", 7_200)
        await here.press("slash")
        await here.type("since:13:40")
        await here.press("enter")
        assert here.jobs.look.where == "since:11:40:00Z"
        await shown(here, "jobs SINCE:13:40")
        await here.until(lambda: here.jobs.look.where == "since:11:40:00Z")
        await shown(here, "jobs until:14:00")
        await here.until(lambda: here.jobs.look.where == "until:12:00:00Z")


@pytest.mark.parametrize("size", [NARROW, MEDIUM, WIDE])
@pytest.mark.parametrize(
    ("name", "keys", "seen"),
    [
        ("suggestions", "/queue:", "default 11"),
        ("columns", "C", "space shows or hides"),
        ("wide", "W", "wide"),
        ("time-range", "t", "custom"),
        ("export", "E", "for spreadsheets"),
        ("chips", "/queue:default |!", "make -j8"),
    ],
)
async def test_looks(name: str, keys: str, seen: str, size: tuple[int, int]) -> None:
    async with seat(busy_world(StillClock()), size) as here:
        first, *rest = keys.split("|")
        if first.startswith("/"):
            await here.press("slash")
            await here.type(first[1:].strip())
            await here.press(*["enter"] * bool(rest))
            await here.press(*["exclamation_mark"] * bool(rest))
        else:
            await here.press(first)
        await here.reads(seen)
        check_golden(f"console/{name}.{size[0]}x{size[1]}.txt", here.text)
