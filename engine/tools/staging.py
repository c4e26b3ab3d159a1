"""Stages in a pool's process."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from engine.model.calls import Call
from engine.stages.checking import StageProblem, check_options
from engine.stages.context import StageContext
from engine.stages.inline import run_inline
from engine.stages.loading import load_stage
from engine.stages.stage import Stage
from engine.tools.context import ToolContext

CHECK: Final = "check_options"
"""Key of a stage's context that says how its options are checked."""

COMPLETED: Final = "completed_stages"
"""What every stage's result has, for that stage itself is among them."""

DESCRIBE: Final = "describe_only"
"""Key of a stage's context that says that it is not to be run."""


def stage_call(call: Call, told: ToolContext) -> tuple[Callable[..., Any], dict[str, Any]]:
    """What runs a stage, and what it is given.

    Args:
        call: Which stage, with its options and a context of its own.
        told: What those have left that it depends on in a workflow: it begins with the
            contexts of stages among them.

    Raises:
        ValueError: there is no such stage, or a context is none.
    """
    check = str(call.context.get(CHECK, "error"))
    if call.context.get(DESCRIBE):
        return _describe, {"stage": call.stage, "opts": call.args, "check": check}
    stage = load_stage(call.stage)
    own = StageContext.from_dict(call.context)
    context = StageContext.gathered(_left(list(told.results.values())), own)
    return _run, {"stage": stage, "context": context, "call": call, "check": check}


def _left(results: Any) -> Iterator[StageContext]:
    """The contexts among results, in order: those of a fan-out's stages are in a list."""
    if isinstance(results, list):
        for one in results:
            yield from _left(one)
    elif isinstance(results, dict) and COMPLETED in results:
        yield StageContext.from_dict(results)


def _run(stage: Stage, context: StageContext, call: Call, check: str) -> Any:
    after = run_inline(stage, context, call.args, check=check, otherwise=call.stage)
    return after.to_dict()


def _describe(stage: str, opts: dict[str, Any], check: str) -> dict[str, Any]:
    """What a stage says of itself, and what is wrong with its options, if that matters."""
    found = _said(stage, load_stage(stage), opts)
    return {"described": dict(found), "problems": check_options(found, opts, check)}


def _said(name: str, stage: Stage, opts: dict[str, Any]) -> Mapping[str, Any]:
    try:
        return stage.describe(opts)
    except Exception as error:  # user code: options that it did not expect, most likely
        raise StageProblem(
            f"{name} cannot describe itself with these: {type(error).__name__}: {error}",
            field="stage_opts",
        ) from error
