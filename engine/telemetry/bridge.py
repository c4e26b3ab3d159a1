"""The bridge: what the engine's signals mean to whoever runs experiments. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.model.signals import BridgeRules, Signal
from engine.telemetry.projection import Story

_TRANSLATED: Final[Mapping[str, tuple[str, ...]]] = {
    "job.submitted": ("experiment.submitted",),
    "job.started": ("stage.started", "backend_started"),
    "job.completed": ("backend_completed", "stage.completed"),
    "job.failed": ("backend_failed", "stage.failed"),
    "job.canceled": ("backend_stopped",),
}

_IF_PRESENT: Final = ("experiment_id", "experiment_type", "run_id", "stage_name")


def is_bridged(story: Story, rules: BridgeRules) -> bool:
    """Whether a job is a step of an experiment."""
    spec = story.spec
    return (
        spec.metadata.get("source") in rules.sources
        or story.tenant in rules.tenants
        or spec.kind.value in rules.kinds
    )


def bridged(signal: Signal, story: Story, result: object = None) -> Iterator[Signal]:
    """What a signal of such a job is to experiments; nothing, for most of its signals.

    Args:
        signal: The engine's.
        story: Of which it tells.
        result: What the job has left, if it left something.
    """
    for name in _TRANSLATED.get(signal.name, ()):
        if name == "backend_stopped" and story.now.get("started_at") is None:
            continue
        yield Signal(
            name=name,
            measurements=signal.measurements,
            metadata={**_about(story), **_more(name, signal, story, result)},
            at=signal.at,
            seq=signal.seq,
            job=signal.job,
            trace_id=signal.trace_id,
            parent_span=signal.parent_span,
        )


def _about(story: Story) -> dict[str, object]:
    spec = story.spec
    told: dict[str, object] = {
        "job_id": story.job,
        "tenant_id": story.tenant,
        "namespace": spec.namespace,
        "priority": story.priority,
        "kind": spec.kind.value,
    }
    present = {name: spec.metadata[name] for name in _IF_PRESENT if name in spec.metadata}
    return told | present


def _more(name: str, signal: Signal, story: Story, result: object) -> dict[str, object]:
    if name == "stage.completed":
        return {"result": result}
    if name == "stage.failed":
        return {"error": signal.metadata["error"], "attempt": signal.metadata["attempt"]}
    return {"backend": story.backend} if name.startswith("backend_") else {}
