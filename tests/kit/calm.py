"""When a console has done all that it was told to, for `pilot.press` and `pilot.pause`.

Textual's own answer is "the process used little CPU for 20 ms", which costs those 20 ms
three times per key, and is wrong where other processes keep the CPU from it. Here it is an
event loop with nothing left to run, and a screen with nothing left to draw.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from textual import app, pilot
from textual.pilot import Pilot
from textual.screen import Screen

TURNS_IN_A_ROW: Final = 3
"""Of the loop, with nothing to run; one is not enough, as a selector looks once a turn."""
MOST_TURNS: Final = 300
"""Who sleeps on a clock that never keeps anybody waiting is never done."""
MOST_THREAD_TURNS: Final = 200
MOST_DRAWINGS: Final = 20


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every pilot, and what Textual itself waits for between two keys."""
    was_pause = Pilot.pause

    async def pause(self: Pilot[Any], delay: float | None = None) -> None:
        await (settle(self) if delay is None else was_pause(self, delay))

    async def press(self: Pilot[Any], *keys: str) -> None:
        for key in keys:
            await self.app._press_keys([key])
            await settle(self)

    monkeypatch.setattr(Pilot, "pause", pause)
    monkeypatch.setattr(Pilot, "press", press)
    for module in (app, pilot):
        monkeypatch.setattr(module, "wait_for_idle", _wait_for_idle)


async def settle(of: Pilot[Any]) -> None:
    """Until every message is handled and every change is drawn."""
    for _ in range(MOST_DRAWINGS):
        await of._wait_for_screen()
        await nothing_to_run()
        if of.app._resize_event is not None:
            of.app._check_resize()
        elif _is_dirty(of.app.screen):
            of.app.screen._on_timer_update()
        else:
            return


async def nothing_to_run() -> None:
    """Until neither the loop nor its threads have anything to do, timers apart."""
    loop: Any = asyncio.get_running_loop()
    calm = thread_turns = 0
    for _ in range(MOST_TURNS):
        await asyncio.sleep(0)
        calm = 0 if loop._ready else calm + 1
        if calm and thread_turns < MOST_THREAD_TURNS and _works(loop._default_executor):
            await asyncio.wait({loop.create_future()}, timeout=0.005)
            calm, thread_turns = 0, thread_turns + 1
        if calm == TURNS_IN_A_ROW:
            return


async def _wait_for_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    await nothing_to_run()


def _works(threads: ThreadPoolExecutor | None) -> bool:
    if threads is None:
        return False
    idle: Any = threads._idle_semaphore
    return threads._work_queue.qsize() > 0 or idle._value < len(threads._threads)


def _is_dirty(screen: Screen[Any]) -> bool:
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )
