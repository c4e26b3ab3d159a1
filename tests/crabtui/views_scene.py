"""Every view, and every state of the world that it may be looked at in."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from crabtui.addresses import parse_address
from engine.control import messages as m
from engine.control import views as v
from engine.errors import EngineError
from tests.crabtui.flows_scene import with_runs
from tests.crabtui.offices import administered
from tests.crabtui.outcomes_scene import with_outcomes
from tests.crabtui.scenes import waiting_world
from tests.crabtui.seat import Seat, a_world, seat
from tests.kit.fake_world import World
from tests.kit.past_world import Remembered
from tests.kit.pulse import some_matters
from tests.kit.still_clock import StillClock

SIZES = ((80, 24), (100, 30), (160, 48))
STATES = ("live", "empty", "error", "offline", "past")
SWEEP = 24
"""The run that goes on."""
BROKEN = "it broke inside the daemon"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How one is reached, and what it shows when it is there."""

    name: str
    address: str
    live: tuple[str, ...]
    empty: tuple[str, ...]
    line: str = ""
    """What is typed to get there from the address, with Enter; the address alone does not."""
    asks: tuple[type, ...] = ()
    """What does not come where the engine cannot tell."""


VIEWS = (
    View(
        name="pulse",
        address="pulse",
        live=("done/s", "gpu-07", "train_v2", "nightly"),
        empty=("all clear since",),
        asks=(m.GetTrends, m.ListMatters, m.ListEvents),
    ),
    View(
        name="queues",
        address="queues/gpu",
        live=("nightly", "queue gpu runs 2 of 2"),
        empty=("nothing waits",),
        asks=(m.ListQueues, m.ListReasons),
    ),
    View(
        name="jobs",
        address="jobs",
        live=("train_v2", "pytest -q"),
        empty=("no jobs yet",),
        asks=(m.ListJobs,),
    ),
    View(
        name="detail",
        address="jobs/1",
        live=("jobs › #1 ", "train_v2", "now"),
        empty=("jobs › #1 ", "true"),
        asks=(m.ShowJob, m.ReadLog, m.FollowLog),
    ),
    View(
        name="detail-artifacts",
        address="jobs/1?pane=artifacts",
        live=("report.xml", "fix.patch"),
        empty=("no file was kept of it",),
        asks=(m.ShowJob, m.ReadLog, m.FollowLog, m.ListArtifacts),
    ),
    View(
        name="detail-context",
        address="jobs/1?pane=context",
        live=("its result", "epoch"),
        empty=("it has said nothing itself",),
        asks=(m.ShowJob, m.ReadLog, m.FollowLog),
    ),
    View(
        name="workers",
        address="workers/node-7",
        live=("node-9", "still there: #1 #2"),
        empty=("0 workers",),
        asks=(m.ListWorkers,),
    ),
    View(
        name="events",
        address="events",
        live=("submitted",),
        empty=("nothing has happened yet",),
        asks=(m.ListEvents,),
    ),
    View(
        name="flows",
        address="flows",
        live=("import", "paused", "#24 sweep, 8 tasks"),
        empty=("no workflow has run yet",),
        asks=(m.ListWorkflows,),
    ),
    View(
        name="flow",
        address=f"flows/{SWEEP}",
        live=("sweep run 3", "prep_data", "clean", "▇"),
        empty=("is no run of a workflow",),
        asks=(m.ShowWorkflow,),
    ),
    View(
        name="flow-tree",
        address=f"flows/{SWEEP}?pane=tree",
        live=("sweep run 3", "prep_data", "clean", "ATT"),
        empty=("is no run of a workflow",),
        asks=(m.ShowWorkflow,),
    ),
    View(
        name="flow-graph",
        address=f"flows/{SWEEP}?pane=graph",
        live=("sweep run 3", "prep_data", "clean", "├"),
        empty=("is no run of a workflow",),
        asks=(m.ShowWorkflow,),
    ),
    View(
        name="stuck",
        address="stuck",
        live=("412", "held by #2"),
        empty=("nothing is stuck",),
        asks=(m.ListReasons, m.Explain),
    ),
    View(
        name="admin-engine",
        address="admin",
        live=("commit p95",),
        empty=("commit p95",),
        asks=(m.GetStats,),
    ),
    View(
        name="logs",
        address="logs/1",
        live=("step 399",),
        empty=("logs",),
        asks=(m.ReadLog, m.FollowLog),
    ),
    View(
        name="admin-audit",
        address="jobs",
        line=":audit",
        live=("bob (console)",),
        empty=("nobody",),
        asks=(m.ListActs,),
    ),
)
BY_NAME = {view.name: view for view in VIEWS}


def world_of(view: View, state: str) -> World:
    """What is looked at."""
    if state == "empty":
        world = administered(a_world(), empty=True)
        with_runs(world, empty=True)
        world.events.clear()
        if view.name.startswith(("detail", "logs")):
            world.add()
            world.answers |= {
                m.ListArtifacts: lambda _: v.ArtifactsView(artifacts=()),
                m.ReadResult: lambda ask: v.ResultView(id=ask.id, state="queued"),
            }
        return world
    world = waiting_world(StillClock())
    world.matters = list(some_matters(world.clock.now()))
    with_outcomes(world)
    if view.name.startswith("flow"):
        with_runs(world)
    if state == "past":
        Remembered(world).keep()
        then = administered(world).answers[m.ListActs]
        world.clock.advance(900)  # type: ignore[attr-defined]
        world.add("later")
        late = administered(world).answers[m.ListActs]
        world.answers[m.ListActs] = lambda ask: (late if ask.as_of is None else then)(ask)
        return world
    administered(world)
    if state == "error":
        _break(world, view.asks)
    return world


def _break(world: World, asks: tuple[type, ...]) -> None:
    def refuse(ask: Any) -> None:
        if isinstance(ask, asks):
            raise EngineError(BROKEN)

    async def broken(ask: Any) -> AsyncGenerator[Any, None]:
        raise EngineError(BROKEN)
        yield

    world.refuse = refuse
    world.streams |= dict.fromkeys(asks, broken)


@asynccontextmanager
async def looking(view: View, state: str, size: tuple[int, int]) -> AsyncGenerator[Seat, None]:
    """The view in that state of the world, with all that is to come on the screen."""
    place = parse_address(view.address)
    async with seat(world_of(view, state), size, live=False, address=place) as here:
        if view.line:
            await here.type(view.line)
            await here.press("enter")
        if state == "past":
            await here.type(":at -15m")
            await here.press("enter")
            await here.says("nothing can be changed here")
        if state == "error":
            await here.reads(BROKEN)
        else:
            await here.reads(*(view.empty if state == "empty" else view.live))
        if state == "offline":
            here.world.cut()
            await here.until(lambda: "OFFLINE" in here.header)
            here.tick(12)
        await _comes_to_rest(here)
        yield here


async def _comes_to_rest(here: Seat) -> None:
    """Until three looks in a row see the same."""
    seen = 0
    before = ""
    while seen < 3:
        here.tick(0)
        await here.pilot.pause(0.02)
        seen = seen + 1 if here.text == before else 0
        before = here.text
