"""Train with several seeds at once, choose the best, and train it on.

python tests/examples/training.py STATE
"""

import sys
from pathlib import Path
from typing import Any

from engine import Flow, connect_blocking, messages
from engine.experiments import Experiments

TRAIN = """
import json, os, random, sys
seed, steps = int(sys.argv[1]), int(sys.argv[2])
chance = random.Random(seed)
weight, points = chance.uniform(-1, 1), [(x / 10, 3 * x / 10) for x in range(10)]
for _ in range(steps):
    x, y = chance.choice(points)
    weight += 0.1 * (y - weight * x) * x
loss = sum((y - weight * x) ** 2 for x, y in points) / len(points)
metrics = {"seed": seed, "steps": steps, "loss": loss}
with open(os.environ["CRAB_RESULT"], "w") as file:
    json.dump(metrics, file)
"""
"""What a real training is too: a command that leaves its metrics in $CRAB_RESULT."""

BEST = """
import json, os
told = json.load(open(os.environ["CRAB_CONTEXT"]))
best = min(told["results"]["train"], key=lambda one: one["loss"])
json.dump(best, open(os.environ["CRAB_RESULT"], "w"))
"""


def sweep(seeds: list[int]) -> Flow:
    """One training for each seed, four at once, and the best of those that succeeded."""
    flow = Flow("sweep", params={"steps": 30})
    train = [sys.executable, "-c", TRAIN, "${{ item }}", "${{ params.steps }}"]
    flow.task("train", for_each=seeds, limit=4, command=train, retries=2)
    return flow.task("best", after="train", command=[sys.executable, "-c", BEST])


def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    with connect_blocking(state) as client:
        run = client.call(sweep(list(range(8))).submission({"steps": 20})).ids[0][0]
        client.call(messages.Wait(ids=(run,)))
        report = client.call(messages.ReportWorkflow(id=run))
        best: dict[str, Any] = report.task_results["best"].result
        print(f"best of {len(report.task_results['train'].result)}: {best['loss']:.3f}")
        lab = Experiments(client)
        job = lab.submit_training(
            [sys.executable, "-c", TRAIN, str(best["seed"]), "2000"],
            resources={"gpu": 0, "memory_mb": 256},  # by default an A100 and 16 GB
            metadata={"experiment_id": f"sweep-{run}"},
        )
        found = lab.await_job(job, timeout_ms=None)
        print(f"trained on: {found['loss']:.3f} after {found['steps']} steps")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
