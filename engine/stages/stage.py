"""Stage: the protocol that a step of an experiment keeps."""

from collections.abc import Mapping
from typing import Any, Protocol

from engine.stages.context import StageContext


class Stage(Protocol):
    """A step. Neither method may keep anything between two runs."""

    def describe(self, opts: Mapping[str, Any]) -> Mapping[str, Any]:
        """`{name, description, required, optional, types}` for these options.

        `required` and `optional` are names of options; `types` has the JSON type of each,
        such as `integer`, or a list of such.
        """
        ...

    def run(self, context: StageContext, opts: Mapping[str, Any]) -> StageContext:
        """The context after it. Raises whatever went wrong."""
        ...


def name_of(stage: Stage, opts: Mapping[str, Any], otherwise: str = "") -> str:
    """What a stage calls itself; else `otherwise`, else its class."""
    told = stage.describe(opts)
    return str(told.get("name") or otherwise or type(stage).__name__)
