"""Propose, object, synthesize: stages as jobs, whose contexts are merged on the way.

python tests/examples/experiment_pipeline.py STATE

The daemon's configuration names this module, so that its pool can run the stages:

    [tools]
    modules = ["experiment_pipeline"]
    path = ["/where/this/is/tests/examples"]
"""

import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import connect_blocking
from engine.experiments import Experiments
from engine.stages import StageContext


class Propose:
    """Proposes roots of 2."""

    def describe(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """The name, and the options with their types."""
        types = {"count": "integer", "seed": "integer"}
        return {"name": "propose", "required": ["count"], "types": types}

    def run(self, context: StageContext, opts: Mapping[str, Any]) -> StageContext:
        """Some numbers, by chance."""
        chance = random.Random(opts.get("seed", 0))
        return context.with_outputs(
            proposed=[round(chance.uniform(1, 2), 3) for _ in range(opts["count"])]
        )


class Object:
    """Objects to one side: to what is too small, or to what is too large."""

    def describe(self, opts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Each side is a stage with a name of its own."""
        name = f"object.{opts.get('side')}"
        return {"name": name, "required": ["side"], "types": {"side": "string"}}

    def run(self, context: StageContext, opts: Mapping[str, Any]) -> StageContext:
        """The worst miss on that side."""
        sign = 1 if opts["side"] == "high" else -1
        misses = [sign * (one**2 - 2) for one in context.outputs["proposed"]]
        return context.with_metrics(**{f"worst_{opts['side']}": round(max(0, *misses), 3)})


class Synthesize:
    """Takes the proposal that misses least."""

    def describe(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """It takes no options."""
        return {"name": "synthesize"}

    def run(self, context: StageContext, _: Mapping[str, Any]) -> StageContext:
        """The answer, which knows what was said against the others."""
        best = min(context.outputs["proposed"], key=lambda one: abs(one**2 - 2))
        return context.with_outputs(answer=best)


def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    here = "experiment_pipeline"
    with connect_blocking(state) as client:
        lab = Experiments(client)
        said: dict[str, Any] = {"name": "root of 2", "id_": "e-1"}
        first = lab.submit_proposer_stage(f"{here}:Propose", {"count": 20, "seed": 3}, **said)
        context = lab.await_context(first)
        both = [  # at the same time
            lab.submit_antagonist_stage(
                f"{here}:Object", {"side": side}, context=context, **said
            )
            for side in ("low", "high")
        ]
        for job in both:
            context = context.merge(lab.await_context(job))
        last = lab.submit_synthesizer_stage(f"{here}:Synthesize", context=context, **said)
        found = lab.await_context(last)
        print(found.experiment_id, ", ".join(found.completed_stages))
        print(found.metrics, "answer", found.outputs["answer"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
