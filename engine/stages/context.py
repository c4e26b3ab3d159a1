"""StageContext: what an experiment's stages hand on to each other."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import msgspec
from msgspec.structs import replace

_KEPT: Final = ("experiment_id", "run_id", "experiment", "trace", "telemetry_context")
"""What merging leaves as it is."""


class StageContext(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value: every change makes another one."""

    experiment_id: str = ""
    run_id: str = ""
    experiment: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    artifacts: dict[str, Any] = {}
    trace: dict[str, Any] = {}
    telemetry_context: dict[str, Any] = {}
    assigns: dict[str, Any] = {}
    completed_stages: tuple[str, ...] = ()
    """In the order in which they were completed first."""

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "StageContext":
        """From what `to_dict` has made; keys that are no part of it are left out.

        Raises:
            ValueError: a part is of another type.
        """
        known = {name: told[name] for name in cls.__struct_fields__ if name in told}
        try:
            return msgspec.convert(known, cls)
        except msgspec.ValidationError as error:
            raise ValueError(f"the stage's context: {error}") from None

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    def with_metrics(self, **metrics: Any) -> Self:
        """With these metrics besides."""
        return replace(self, metrics={**self.metrics, **metrics})

    def with_outputs(self, **outputs: Any) -> Self:
        """With these outputs besides."""
        return replace(self, outputs={**self.outputs, **outputs})

    def with_artifacts(self, **artifacts: Any) -> Self:
        """With these artifacts besides."""
        return replace(self, artifacts={**self.artifacts, **artifacts})

    def assign(self, **assigns: Any) -> Self:
        """With these assigns besides."""
        return replace(self, assigns={**self.assigns, **assigns})

    def completed(self, stage: str) -> Self:
        """With this stage completed; one that was completed before keeps its place."""
        if stage in self.completed_stages:
            return self
        return replace(self, completed_stages=(*self.completed_stages, stage))

    @classmethod
    def gathered(cls, before: Iterable["StageContext"], own: "StageContext") -> "StageContext":
        """What a stage begins with that comes after others: theirs merged, and then its own.

        Of what is not merged, such as the experiment's id, its own word counts, else that of
        the first.
        """
        merged, *others = (*before, own)
        for other in others:
            merged = merged.merge(other)
        said = {name: value for name in _KEPT if (value := getattr(own, name))}
        return replace(merged, **said)

    def merge(self, other: "StageContext") -> Self:
        """With metrics, outputs, artifacts and assigns of another one, whose word counts.

        Stages that the other one has completed come after those of this one.
        """
        merged = self
        for stage in other.completed_stages:
            merged = merged.completed(stage)
        return replace(
            merged,
            metrics={**self.metrics, **other.metrics},
            outputs={**self.outputs, **other.outputs},
            artifacts={**self.artifacts, **other.artifacts},
            assigns={**self.assigns, **other.assigns},
        )
