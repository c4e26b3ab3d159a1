"""Running a stage here and now."""

from collections.abc import Mapping
from typing import Any

from engine.stages.checking import check_options
from engine.stages.context import StageContext
from engine.stages.stage import Stage, name_of


def run_inline(
    stage: Stage,
    context: StageContext,
    opts: Mapping[str, Any] | None = None,
    *,
    check: str = "error",
    otherwise: str = "",
) -> StageContext:
    """The context after a stage, with the stage among those completed.

    Args:
        stage: Which.
        context: Before it; is not changed.
        opts: Its options.
        check: What of options that are wrong: `off`, `warn` or `error`.
        otherwise: Its name, if it does not describe one.

    Raises:
        StageProblem: its options are wrong.
        TypeError: it returns something else than a context.
    """
    opts = dict(opts or {})
    check_options(stage.describe(opts), opts, check)
    after = stage.run(context, opts)
    if not isinstance(after, StageContext):
        name = name_of(stage, opts, otherwise)
        raise TypeError(f"stage {name} returned {type(after).__name__}, and no StageContext")
    return after.completed(name_of(stage, opts, otherwise))
