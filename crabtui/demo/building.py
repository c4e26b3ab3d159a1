"""The demo's compilations, and the tests of what they made."""

import sys
from collections.abc import Iterator

from crabtui.demo.task import Task
from crabtui.demo.tools import Tools


def build(tools: Tools, modules: int) -> Iterator[Task]:
    """Modules compiled, linked and run, and one whose error takes its test along."""
    compiled = tuple(f"compile module_{number}" for number in range(modules))
    for number, name in enumerate(compiled):
        yield Task(
            name=name,
            family="compile",
            queue="build",
            priority="high",
            argv=_compile(tools, f"module_{number}"),
        )
    yield Task(
        name="compile broken",
        family="compile",
        queue="build",
        ends="failed",
        argv=_compile(tools, "broken"),
    )
    yield Task(
        name="test broken",
        family="test",
        queue="build",
        ends="skipped",
        after=("compile broken",),
        argv=["./broken"],
    )
    if tools.cc:
        yield from _program(tools.cc, modules, compiled)


def _compile(tools: Tools, module: str) -> list[str]:
    if tools.cc:
        return [tools.cc, "-O2", "-c", f"{module}.c", "-o", f"{module}.o"]
    return [sys.executable, "-m", "py_compile", f"{module}.py"]


def _program(cc: str, modules: int, compiled: tuple[str, ...]) -> Iterator[Task]:
    objects = [f"module_{number}.o" for number in range(modules)]
    yield Task(
        name="link program",
        family="compile",
        queue="build",
        priority="critical",
        after=compiled,
        argv=[cc, "main.c", *objects, "-o", "program"],
    )
    yield Task(
        name="run program",
        family="test",
        queue="build",
        priority="critical",
        after=("link program",),
        argv=["./program"],
    )


def unit_tests(tests: int) -> Iterator[Task]:
    """Small test runs."""
    for number in range(tests):
        yield Task(
            name=f"unittest test_{number}",
            family="test",
            queue="test",
            argv=[sys.executable, "-m", "unittest", "-v", f"test_{number}"],
        )
