"""WorkStage: a stage that has another stage run as a job, and waits for it or does not."""

from collections.abc import Mapping
from typing import Any, Final

from engine.experiments.awaiting import await_job
from engine.experiments.experiments import Experiments
from engine.stages.context import StageContext

NAME: Final = "work_job"


class WorkStage:
    """A Stage; its options are those of a job with a stage, and `mode`.

    In mode `sync` it waits, and merges metrics, outputs, artifacts and assigns of the context
    that comes back. In mode `async` it leaves the job's id in the outputs, as `job_id`.
    """

    def __init__(self, experiments: Experiments) -> None:
        """Submit over this."""
        self._experiments = experiments

    def describe(self, opts: Mapping[str, Any]) -> Mapping[str, Any]:
        """As Stage has it; named after the stage that it has run."""
        return {
            "name": f"{NAME}:{opts.get('stage_module', '')}",
            "description": "Has a stage run as a job.",
            "required": ["stage_module"],
            "optional": [
                "stage_opts",
                "priority",
                "resources",
                "timeout_ms",
                "constraints",
                "mode",
            ],
            "types": {
                "stage_module": "string",
                "stage_opts": "object",
                "resources": "object",
                "timeout_ms": "integer",
                "constraints": "object",
                "mode": "string",
            },
        }

    def run(self, context: StageContext, opts: Mapping[str, Any]) -> StageContext:
        """The context after the job, or with its id. Raises: JobProblem, EngineError."""
        mode = opts.get("mode", "sync")
        if mode not in ("sync", "async"):
            raise ValueError(f"mode {mode!r}: there is sync and async")
        job = self._experiments.submit(_job(context, opts))
        if mode == "async":
            return context.with_outputs(job_id=job)
        told = await_job(self._experiments.client, job, None)
        return context.merge(StageContext.from_dict(told or {}))


def _job(context: StageContext, opts: Mapping[str, Any]) -> dict[str, Any]:
    asked = {
        key: opts[key]
        for key in ("priority", "resources", "timeout_ms", "constraints")
        if key in opts
    }
    return {
        "stage_module": opts["stage_module"],
        "stage_opts": dict(opts.get("stage_opts") or {}),
        "stage_context": context.to_dict(),
        **asked,
    }
