"""Which pictures there are: a size, a theme, and the keys that lead to each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from textual.pilot import Pilot

from crabtui.app import CrabApp

Steps = Callable[[Pilot[int]], Awaitable[None]]
WIDE, MEDIUM, NARROW = (160, 44), (110, 32), (80, 24)


@dataclass(frozen=True, slots=True)
class Picture:
    """One screenshot."""

    name: str
    size: tuple[int, int]
    steps: Steps
    theme: str = "crab-dark"
    address: str = "jobs"


def keys(*pressed: str, pause_s: float = 2.0) -> Steps:
    """Press these, and let the answers come."""

    async def steps(pilot: Pilot[int]) -> None:
        for key in pressed:
            await pilot.press(key)
            await pilot.pause(0.3)
        await pilot.pause(pause_s)

    return steps


def on(job: int, *pressed: str) -> Steps:
    """The same, with the cursor on a job first."""
    then = keys(*pressed)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, CrabApp)
        assert app.jobs_view is not None
        app.jobs_view.find(job)
        await seen(
            pilot, lambda: app.jobs_view is not None and app.jobs_view.table.cursor_id == job
        )
        await then(pilot)

    return steps


async def seen(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    """Wait for the screen to get there."""
    for _ in range(600):
        if condition():
            return
        await pilot.pause(0.05)
    raise SystemExit("the console never showed what the picture is of")


PICTURES: Final = (
    Picture("flows", WIDE, keys("6")),
    Picture("flows-narrow", NARROW, keys("6")),
    Picture("flow", WIDE, keys("6", "enter", "j", "j", "j", "right")),
    Picture("flow-light", WIDE, keys("6", "enter", "j"), theme="crab-light"),
    Picture("flow-narrow", NARROW, keys("6", "enter")),
    Picture("graph", MEDIUM, keys("6", "enter", "tab", "tab")),
    Picture("pulse", WIDE, keys("1")),
    Picture("pulse-light", WIDE, keys("1"), theme="crab-light"),
    Picture("pulse-narrow", NARROW, keys("1")),
    Picture("jobs", WIDE, on(1)),
    Picture("jobs-light", WIDE, on(1), theme="crab-light"),
    Picture("jobs-narrow", NARROW, on(1)),
    Picture("jobs-high-contrast", MEDIUM, on(1), theme="high-contrast"),
    Picture("job", WIDE, on(1, "enter")),
    Picture("job-narrow", NARROW, on(1, "enter")),
    Picture("log", MEDIUM, on(1, "l")),
    Picture("queues", WIDE, keys("2")),
    Picture("queues-narrow", NARROW, keys("2")),
    Picture("workers", WIDE, keys("4")),
    Picture("workers-narrow", NARROW, keys("4")),
    Picture("events", WIDE, keys("5")),
    Picture("events-narrow", NARROW, keys("5")),
    Picture("past", MEDIUM, keys("5", *["left"] * 3, "3")),
    Picture("stuck", WIDE, keys("7", "j")),
    Picture("stuck-narrow", NARROW, keys("7", "j")),
    Picture("why", MEDIUM, on(6, "w")),
    Picture("admin", WIDE, keys("8")),
    Picture("admin-narrow", NARROW, keys("8")),
    Picture("confirm", MEDIUM, on(1, "space", "space", "x")),
)
