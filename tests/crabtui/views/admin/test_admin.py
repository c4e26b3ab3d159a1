"""The Admin view: its tabs, what each asks, the command log and its receipts."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from crabtui.views.admin.admin import TABS, AdminView
from engine.config import ClientConfig, Context
from engine.control import messages as m
from engine.control import views as v
from engine.errors import NotAllowed
from tests.crabtui.offices import administered
from tests.crabtui.scenes import busy_world, waiting_world
from tests.crabtui.seat import Seat, a_world, seat
from tests.kit.fake_world import World
from tests.kit.still_clock import StillClock

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (100, 30), (160, 48)], ids=["80x24", "100x30", "160x48"]
)


@pytest.fixture
def world() -> World:
    return administered(waiting_world(StillClock()))


def admin(here: Seat) -> AdminView:
    body = here.app.front.body
    assert isinstance(body, AdminView)
    return body


async def open_tab(here: Seat, tab: str) -> None:
    await here.press("8")
    await here.until(lambda: isinstance(here.app.front.body, AdminView))
    for _ in TABS:
        if admin(here).tab == tab:
            return
        await here.press("tab")
    raise AssertionError(f"there is no tab {tab}")


async def check(here: Seat, name: str, size: tuple[int, int]) -> None:
    await here.pilot.pause()
    here.tick(0)
    await here.looks_like(f"console/{name}.{size[0]}x{size[1]}.txt")


@SIZES
@pytest.mark.parametrize(
    ("tab", "seen"),
    [
        ("engine", "commit p95"),
        ("tenants", "night"),
        ("limits", "tenant lab"),
        ("crons", "nightly-report"),
        ("settings", "queues.gpu.limit"),
        ("looks", "theme"),
        ("audit", "bob (console)"),
    ],
)
async def test_each_tab(world: World, size: tuple[int, int], tab: str, seen: str) -> None:
    async with seat(world, size) as here:
        await open_tab(here, tab)
        await here.reads(seen)
        await check(here, f"admin-{tab}", size)


@SIZES
async def test_nothing_to_tell_of(size: tuple[int, int]) -> None:
    async with seat(administered(a_world(), empty=True), size) as here:
        await open_tab(here, "audit")
        await here.reads("nobody did anything yet")
        await check(here, "admin-empty", size)


@SIZES
async def test_what_cannot_be_told(world: World, size: tuple[int, int]) -> None:
    def refuse(ask: object) -> None:
        if isinstance(ask, m.GetStats):
            raise NotAllowed("no figures today")

    world.refuse = refuse
    async with seat(world, size) as here:
        await here.press("8")
        await here.reads("[Engine]", "no figures today")
        await check(here, "admin-error", size)


@SIZES
async def test_disconnected(world: World, size: tuple[int, int]) -> None:
    async with seat(world, size) as here:
        await open_tab(here, "engine")
        await here.reads("commit p95")
        world.cut()
        await here.until(lambda: "OFFLINE" in here.header)
        here.tick(12)
        await here.reads("not connected, as of 12s ago")
        await check(here, "admin-offline", size)


async def test_the_tab_is_kept_for_the_next_start(world: World, tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    async with seat(world, session_path=path) as here:
        await open_tab(here, "settings")
        await here.reads("queues.gpu.limit")
        await here.press("ctrl+q")
    async with seat(world, session_path=path) as here:
        await here.reads("[Settings]", "queues.gpu.limit")


async def test_only_the_tab_in_sight_asks(world: World) -> None:
    async with seat(world) as here:
        await open_tab(here, "tenants")
        await here.until(lambda: any(isinstance(ask, m.ListTenants) for ask in world.asked))
        await here.press("tab", "tab", "tab")
        await here.reads("queues.gpu.limit")
        await here.press("3")
        await here.until(lambda: not isinstance(here.app.front.body, AdminView))
        here.tick(30)
        asked = len([ask for ask in world.asked if isinstance(ask, m.ListTenants | m.GetStats)])
        world.tell(None, world.events[0].type)
        here.tick(30)
        await here.pilot.pause(0.05)
        assert asked == len(
            [ask for ask in world.asked if isinstance(ask, m.ListTenants | m.GetStats)]
        )


async def test_what_recurs_is_paused_resumed_and_run(world: World) -> None:
    async with seat(world, (100, 30)) as here:
        await open_tab(here, "crons")
        await here.reads("[Crons]", "nightly-report", "2 missed")
        await here.press("P")
        await here.until(lambda: m.ActOnCron(name="backup", act="pause") in world.asked)
        await here.press("j", "j", "j", "P")
        await here.until(lambda: m.ActOnCron(name="sweep", act="resume") in world.asked)
        await here.press("k", "r")
        await here.reads("Run cron probe now?", "make probe")
        await here.press("y")
        await here.until(lambda: m.ActOnCron(name="probe", act="run") in world.asked)


async def test_a_receipt_names_who_was_refused_first(world: World) -> None:
    async with seat(world, (100, 30)) as here:
        await open_tab(here, "audit")
        await here.reads("bob (console)")
        await here.press("j", "enter")
        await here.reads("✗ #7", "wrong seed", "queued → canceled")
        lines = here.text.splitlines()
        assert lines.index(next(x for x in lines if "#7" in x)) < lines.index(
            next(x for x in lines if "#20" in x)
        )
        await here.press("escape")
        await here.press("g", "enter")
        await here.says("hold #12: 1 refused")


async def test_the_command_log_opens_by_name_and_by_two_ats(world: World) -> None:
    async with seat(world) as here:
        await here.type(":audit")
        await here.press("enter")
        await here.reads("bob (console)")
        await here.press("3")
        await here.press("at", "at")
        await here.reads("bob (console)")
        assert admin(here).tab == "audit"


async def test_what_this_console_was_refused_is_in_the_log(world: World) -> None:
    def refuse(ask: object) -> None:
        if isinstance(ask, m.Hold):
            raise NotAllowed("not today")

    world.refuse = refuse
    async with seat(world) as here:
        await here.go_to(5)
        await here.press("H")
        await here.says("not today")
        await open_tab(here, "audit")
        await here.reads("this console", "not today")


async def test_what_u_takes_back_is_marked_in_the_log(world: World) -> None:
    usual = world.answers[m.ListActs]

    def acts(ask: m.ListActs) -> v.ActsPage:
        at = world.clock.now()
        held = v.ActView(seq=95, at=at, by="ana", client="console", verb="hold", changed=1)
        return v.ActsPage(acts=(*usual(ask).acts, held), head=world.seq)

    world.answers[m.ListActs] = acts
    async with seat(world, (100, 30)) as here:
        await here.go_to(5)
        await here.press("H")
        await here.says("u undoes")
        await open_tab(here, "audit")
        await here.reads("bob (console)", "hold")
        [line] = [line for line in here.text.splitlines() if " u 1 changed" in line]
        assert "ana (console)" in line
        await here.press("u")
        await here.says("undone")
        here.tick(0)
        await here.until(lambda: " u 1 changed" not in here.text)


async def test_settings_are_picked_from_a_list(world: World) -> None:
    async with seat(world) as here:
        assert not here.app.utc
        await here.press("comma")
        await here.reads("settings of this console", "theme")
        await here.type("j")
        await here.press("enter")
        await here.reads("utc: times in UTC")
        await here.press("k", "enter")
        await here.until(lambda: here.app.utc)


async def test_an_act_on_many_tells_how_far_it_is_and_can_be_halted() -> None:
    world = busy_world(StillClock())
    going, halted = [], []

    async def follow(ask: m.FollowAct) -> AsyncGenerator[v.ActProgress, None]:
        yield v.ActProgress(
            key=ask.key, verb="hold", total=20_000, changed=4_000, unchanged=0, refused=96,
            ended=False,
        )  # fmt: skip
        await world.clock.within(1_000, world.moved.wait())

    def stop(ask: m.StopAct) -> v.Acted:
        halted.append(ask.key)
        return v.Acted(results=(v.Result(id=ask.key, ok=True),), matched=1)

    world.streams[m.FollowAct] = follow
    world.answers[m.StopAct] = stop
    async with seat(world) as here:
        progress = here.app.acting.progress
        real = here.app.feed.call

        async def slow(request: Any) -> Any:
            if isinstance(request, m.Hold):
                going.append(request)
                await here.pilot.pause()
                while not halted:
                    await here.pilot.pause(0.005)
                return v.Acted(results=(), matched=20_000)
            return await real(request)

        here.app.feed.call = slow  # type: ignore[method-assign]
        await here.press("asterisk")
        await here.press("H")
        await here.reads("Hold all 16 jobs", "meanwhile")
        await here.press("y")
        await here.says("4,096 of 20,000, 96 refused")
        assert progress.goes_on
        await here.type(":halt")
        await here.press("enter")
        await here.until(lambda: not progress.goes_on)
        [request] = going
        assert request.targets.seq is not None
        assert halted == [request.targets.key]


async def test_another_context_is_gone_to_from_a_list(world: World, tmp_path: Path) -> None:
    there = Context(name="prod", host="ana@atlas", is_protected=True)
    told = ClientConfig(contexts={"prod": there}, console={}, sources={})
    async with seat(world) as here:
        here.app.administering._read = lambda: told
        await here.press("at")
        await here.reads("ana@atlas  protected")
        await here.press("enter")
        await here.until(lambda: here.app.administering.next is there)
