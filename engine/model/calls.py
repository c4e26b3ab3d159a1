"""Calls: jobs that are Python in a pool, and not a command."""

from typing import Any, Final

import msgspec

POOL: Final = "pool"
"""Backend of the workers that run calls, and nothing else."""

TOOLS: Final = "tool_call"
STAGES: Final = "stage"
"""Work that a backend may support besides commands."""


class Call(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to call: exactly one of `tool` and `stage`."""

    tool: str = ""
    """Name of a tool."""
    stage: str = ""
    """`package.module:Name` of a stage."""
    args: dict[str, Any] = {}
    """Of a tool its arguments, of a stage its options."""
    context: dict[str, Any] = {}
    """Of a stage: what the stages before it left."""

    @property
    def work(self) -> str:
        """What a worker has to support to run it."""
        return TOOLS if self.tool else STAGES

    @property
    def text(self) -> str:
        """The call on one line, as a person would recognise it."""
        given = ", ".join(f"{name}={_short(value)}" for name, value in self.args.items())
        return f"{self.tool or self.stage}({given})"


def _short(value: Any) -> str:
    told = msgspec.json.encode(value).decode("utf-8", "replace")
    return told if len(told) <= 40 else f"{told[:39]}…"
