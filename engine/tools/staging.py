"""Stages in a pool's process."""

from collections.abc import Callable
from typing import Any

from engine.model.calls import Call


def stage_call(call: Call) -> tuple[Callable[..., Any], dict[str, Any]]:
    """What runs a stage, and what it is given. Raises: ValueError."""
    raise ValueError(f"stage {call.stage} cannot be loaded")
