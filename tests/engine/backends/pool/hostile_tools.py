"""Tools that harm the process that they share, each in its own way."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.tools import ToolContext, ToolFailure, tool

print("a module that says something \x1b[31m as it is imported")
sys.stdout.flush()


@dataclass
class Picky:
    x: int

    def __post_init__(self) -> None:
        raise KeyError("picky")


@tool
def picky(it: Picky) -> int:
    return it.x


@tool
def surrogate() -> None:
    raise ValueError("\ud800 is half a character")


@tool
def when(seconds: float) -> None:
    raise ToolFailure("later", retryable=True, retry_after_s=seconds or float("nan"))


class Bare(ToolFailure):
    def __init__(self) -> None:
        """Say nothing to those above."""


@tool
def bare() -> None:
    raise Bare


@tool
async def stray_exit() -> str:
    async def leave() -> None:
        raise SystemExit(3)

    task = asyncio.create_task(leave())
    with suppress(SystemExit):
        await task
    return "still here"


@tool
async def stop_loop() -> str:
    asyncio.get_running_loop().stop()
    return "stopped"


@tool
def to_buffer() -> None:
    sys.stdout.buffer.write(b"\xff\x00bytes")
    sys.stdout.flush()


@tool
def close_stdout() -> None:
    sys.stdout.close()
    print("closed")


@tool(kind="cpu")
def disturb(folder: str) -> int:
    os.chdir(folder)
    os.environ["CRAB_DISTURBED"] = "1"
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return os.getpid()


@tool(kind="cpu")
def surroundings() -> list[str | int | bool]:
    ignores = signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    return [os.getcwd(), os.environ.get("CRAB_DISTURBED", ""), ignores]  # noqa: PTH109


@tool(kind="cpu")
def close_alone() -> str:
    print("before")
    sys.stdout.close()
    os.close(2)
    return "closed"


@tool(kind="cpu")
def stubborn(path: str) -> None:
    """Neither a signal nor a word ends it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(path).touch()
    while True:
        signal.pause()


@tool
def maybe(context: ToolContext | None = None) -> str:
    return context.attempt if context else ""


@tool
def well() -> str:
    return "well"


@tool
async def well_async() -> str:
    return "well"


def _ignore() -> None: ...


signal.signal(signal.SIGUSR2, lambda *_: _ignore())  # only the main thread can


_GATHERED: list[asyncio.Future[None]] = []


@tool
async def large() -> str:
    """Return with all the others, at once."""
    gate = asyncio.get_running_loop().create_future()
    _GATHERED.append(gate)
    if len(_GATHERED) == 300:
        for one in _GATHERED:
            one.set_result(None)
    await gate
    return "x" * 250_000
