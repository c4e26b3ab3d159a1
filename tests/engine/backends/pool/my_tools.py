"""Tools that do all that tools should not."""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.tools import ToolContext, ToolFailure, tool


@dataclass
class Point:
    x: int
    y: int = 0


@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    Args:
        a: The first.
        b: The second,
            which goes on.

    Returns:
        Their sum.
    """
    return a + b


@tool(kind="cpu")
def pid_alone() -> int:
    return os.getpid()


@tool
def pid_shared() -> int:
    return os.getpid()


@tool
def move(point: Point, how: Literal["up", "down"], times: list[int] | None = None) -> Point:
    return Point(point.x, point.y + (1 if how == "up" else -1))


@tool
async def later(text: str, seconds: float = 0.0) -> str:
    print("later", text)
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
    return text


@tool
def say(text: str) -> None:
    print(text)
    print("to err", file=sys.stderr)


@tool(kind="cpu")
def say_alone(text: str) -> None:
    print(text)
    subprocess.run(["sh", "-c", "echo from a child"], check=True)


@tool
def told(context: ToolContext) -> dict[str, Any]:
    workflow = [context.workflow, context.workflow_name, context.run, context.task]
    return {
        "job": context.job,
        "params": context.params,
        "results": context.results,
        "workflow": workflow,
    }


@tool(retryable=(KeyError,))
def fail(kind: str) -> None:
    if kind == "key":
        raise KeyError("no such key")
    if kind == "purpose":
        raise ToolFailure("quota is over", category="quota", retryable=True)
    raise ValueError("it cannot be")


@tool
def unfit() -> Any:
    return object()


@tool
def large() -> str:
    return "x" * 300_000


@tool(kind="cpu")
def leave_alone(code: int) -> None:
    os._exit(code)


@tool
def leave_shared(code: int) -> None:
    os._exit(code)


@tool
def garbage() -> str:
    os.write(1, b"\x00\xff garbage \n" * 100)
    sys.stdout.write("\x00\x1b[31m")
    return "ok"


@tool
def spin(path: str) -> None:
    Path(path).touch()
    while True:
        pass


@tool(kind="cpu")
def chatter(path: str) -> None:
    print("x" * 10_000, flush=True)
    Path(path).touch()
    while True:
        pass


@tool(kind="cpu")
def spin_alone(path: str) -> None:
    Path(path).touch()
    while True:
        pass


@tool
def block(path: str, seconds: float = 60.0) -> str:
    """Waits in C, where nothing can be raised."""
    Path(path).touch()
    threading.Event().wait(seconds)
    return "slept"


@tool
def heed(context: ToolContext, path: str) -> str:
    Path(path).touch()
    return "heeded" if context.wait_canceled(60) else "not"


@tool
def fork() -> int:
    child = os.fork()
    if child == 0:
        return -1
    os.waitpid(child, 0)
    return 1


@tool(kind="cpu")
def fork_alone() -> int:
    child = os.fork()
    if child == 0:
        return -1
    os.waitpid(child, 0)
    return 1
