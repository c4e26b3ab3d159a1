"""What the steps of experiments are as jobs: their kinds, and the defaults of each."""

from collections.abc import Mapping
from typing import Any, Final

TENANT: Final = "cns_crucible"
SOURCE: Final = "crucible"

STEP: Final[Mapping[str, Any]] = {
    "kind": "experiment_step",
    "tenant_id": TENANT,
    "priority": "interactive",
    "timeout_ms": 3_600_000,
    "constraints": {"retry_policy": {"max_attempts": 2}},
}
"""Proposer, antagonist and synthesizer."""

TRAINING: Final[Mapping[str, Any]] = {
    "kind": "training_step",
    "tenant_id": TENANT,
    "namespace": "training",
    "priority": "batch",
    "timeout_ms": 3_600_000,
    "constraints": {"retry_policy": {"max_attempts": 3}},
    "resources": {"gpu": "A100", "memory_mb": 16_384},
    "wants_result": True,
}


def step(
    kind: str,
    stage_module: str,
    stage_opts: Mapping[str, Any],
    *,
    name: str,
    id_: str,
    metadata: Mapping[str, Any],
) -> dict[str, Any]:
    """A step of an experiment, as people write jobs.

    Args:
        kind: `proposer`, `antagonist` or `synthesizer`; the job's namespace.
        stage_module: `package.module:Name`.
        stage_opts: Its options.
        name: Of the experiment.
        id_: Of the experiment.
        metadata: What else to note.
    """
    noted = {"source": SOURCE, "experiment_type": kind, "experiment_id": id_, **metadata}
    return {
        **STEP,
        "namespace": kind,
        "payload": {
            "experiment_type": kind,
            "experiment_name": name,
            "experiment_id": id_,
            "stage_module": stage_module,
            "stage_opts": dict(stage_opts),
        },
        "metadata": noted,
    }
