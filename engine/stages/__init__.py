"""Stages: steps of an experiment, which take a context and return it changed.

    from engine.stages import StageContext, run_inline

    class Measure:
        def describe(self, opts):
            return {"name": "measure", "required": ["runs"], "types": {"runs": "integer"}}

        def run(self, context, opts):
            return context.with_metrics(loss=0.1)

A stage runs here (`run_inline`), or in the engine's pool: as a job with `stage_module`,
`stage_opts` and `stage_context`, or within another one (`engine.experiments.WorkStage`). As a
task of a workflow it begins with the contexts of the stages that it depends on, merged in the
order of the workflow.
"""

from engine.stages.checking import StageProblem, check_options
from engine.stages.context import StageContext
from engine.stages.inline import run_inline
from engine.stages.stage import Stage

__all__ = [
    "Stage",
    "StageContext",
    "StageProblem",
    "check_options",
    "run_inline",
]
