"""Stages in a pool's process."""

from collections.abc import Callable
from typing import Any, Final

from engine.model.calls import Call
from engine.stages.checking import check_options
from engine.stages.context import StageContext
from engine.stages.inline import run_inline
from engine.stages.loading import load_stage
from engine.stages.stage import Stage

CHECK: Final = "check_options"
"""Key of a stage's context that says how its options are checked."""

DESCRIBE: Final = "describe_only"
"""Key of a stage's context that says that it is not to be run."""


def stage_call(call: Call) -> tuple[Callable[..., Any], dict[str, Any]]:
    """What runs a stage, and what it is given. Raises: ValueError."""
    check = str(call.context.get(CHECK, "error"))
    if call.context.get(DESCRIBE):
        return _describe, {"stage": call.stage, "opts": call.args, "check": check}
    stage = load_stage(call.stage)
    context = StageContext.from_dict(call.context)
    return _run, {"stage": stage, "context": context, "call": call, "check": check}


def _run(stage: Stage, context: StageContext, call: Call, check: str) -> Any:
    after = run_inline(stage, context, call.args, check=check, otherwise=call.stage)
    return after.to_dict()


def _describe(stage: str, opts: dict[str, Any], check: str) -> dict[str, Any]:
    """What a stage says of itself, and what is wrong with its options, if that matters."""
    found = load_stage(stage).describe(opts)
    return {"described": dict(found), "problems": check_options(found, opts, check)}
