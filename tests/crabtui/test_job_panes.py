"""A job's detail: going to its kin, opening logs of attempts, failures, two jobs compared."""

import pytest

from crabtui.dialogs.reading import Reading
from crabtui.views.job.job import JobScreen
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import NARROW, WIDE, seat
from tests.kit.still_clock import StillClock


@pytest.fixture
def world():
    return busy_world(StillClock())


async def detail(here, job, *keys):
    await here.go_to(job)
    await here.press("enter")
    await here.reads(f"jobs › #{job} ")
    await here.press(*keys)


async def test_the_graph_leads_to_other_jobs_and_back(world):
    async with seat(world, NARROW) as here:
        await detail(here, 1, "tab", "tab", "tab")
        await here.reads("[Graph]", "needs 1 job", "#12 pytest -q", "#10 eval train_v2")
        assert "enter open" in here.footer
        await here.press("j", "enter")
        await here.reads("jobs › #10 eval train_v2")
        await here.press("escape")
        await here.reads("jobs › #1 train_v2")
        await here.press("enter")
        await here.reads("jobs › #10 ")
        await here.press("2")
        await here.until(lambda: not isinstance(here.app.front, JobScreen))


async def test_the_log_of_an_earlier_attempt_is_opened(world):
    async with seat(world, NARROW) as here:
        await detail(here, 1, "tab", "tab")
        await here.reads("[Attempts]", "9ac1f00d", "31.2 GB")
        assert "enter its log" in here.footer
        await here.press("j", "enter")
        await here.reads("[Log]")
        assert isinstance(here.app.front, JobScreen)
        assert here.app.front.log_pane.number == 1


async def test_why_of_a_failure_begins_with_what_it_printed(world):
    world.logs[13, "err"] = b"cc: warning\n10%\r100%\nld: \x1b[31mno such file\x1b[0m\r\n\n"
    async with seat(world, NARROW) as here:
        await here.go_to(13)
        await here.press("w")
        await here.reads("stderr ends with", "ld: no such file", "100%", "[Why]")
        assert "10%" not in here.text.replace("100%", "")


async def test_a_waiting_job_has_why_where_a_running_one_has_its_graph(world):
    async with seat(world, WIDE) as here:
        await detail(here, 5)
        await here.reads(" why ─", "queue gpu runs 2 of 2 jobs")
        assert " graph ─" not in here.text
        await here.press("tab", "tab", "tab")
        await here.reads(" graph ─")
        assert " why ─" not in here.text
        await here.press("e")
        await here.reads(" events ─", " graph ─")
        assert " args ─" not in here.text


async def test_two_marked_jobs_are_compared(world):
    async with seat(world, WIDE) as here:
        await here.go_to(6)
        await here.press("space", "space", "d")
        await here.until(lambda: isinstance(here.app.screen, Reading))
        await here.reads("#6 and #7: where they differ", "seed=16", "seed=17")
        await here.press("escape", "escape", "d")
        await here.until(lambda: isinstance(here.app.front, JobScreen))


async def test_a_job_as_json_is_read_and_copied(world):
    async with seat(world, NARROW) as here:
        await detail(here, 1, "J")
        await here.until(lambda: isinstance(here.app.screen, Reading))
        await here.reads("#1 as JSON", '"queue": "gpu"')
        await here.press("y")
        await here.says("#1 as JSON")
        assert not isinstance(here.app.screen, Reading)
