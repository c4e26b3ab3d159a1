"""What a value in a YAML file is: text, a number, a switch, free data, or a map of such.

In fields of the schema a scalar is text unless the field is a number or a switch, so that
`no`, `22:22`, `1.10` and `010` arrive as written; in free data YAML 1.2 core counts.
"""

from dataclasses import dataclass, field
from typing import Final

from engine.model.intake import FREE_KEYS, KEY_TYPES
from engine.model.intake.workflow import FLOW_KEY_TYPES

MAPS: Final = frozenset(
    {"payload", "resources", "constraints", "retry", "retry_policy", "evaluation"}
)


@dataclass(frozen=True, slots=True)
class Role:
    """How a value is read, and how the values of its keys are."""

    kind: type | None = None
    """int, float, bool, or None for text."""
    is_job: bool = False
    """Its keys are those of a job, each with its own type."""
    is_free: bool = False
    may_be_null: bool = False
    keys: dict[str, "Role"] = field(default_factory=dict, compare=False)
    """Of these keys; they go before all else."""
    each: "Role | None" = None
    """Of every other key."""
    items: "Role | None" = None
    """Of the items of a list."""
    names_tasks: bool = False
    """Its keys are the names of tasks."""

    def of_key(self, key: str) -> "Role":
        """The role of the value under `key`."""
        own = self.keys.get(key, self.each)
        if own is not None:
            return own
        if not self.is_job:
            return self
        if key in FREE_KEYS:
            return FREE
        if key in MAPS:
            return PART
        return Role(kind=KEY_TYPES.get(key), may_be_null=key != "env")

    def of_item(self) -> "Role":
        """The role of a list's items."""
        if self.items is not None:
            return self.items
        return self if self.is_job or self.is_free else Role(kind=self.kind)


FREE: Final = Role(is_free=True)
PART: Final = Role(is_job=True, may_be_null=True)
JOB: Final = Role(is_job=True)
_LIMITS: Final = {key: Role(kind=kind) for key, kind in FLOW_KEY_TYPES.items()}
_EACH: Final = Role(items=FREE, each=FREE)
_TASK: Final = Role(
    is_job=True,
    may_be_null=True,
    keys={
        "params": FREE,
        "for_each": _EACH,
        "fallback": Role(keys={"value": FREE}),
        "array": Role(may_be_null=True, keys=_LIMITS),
        **_LIMITS,
    },
)
FLOW: Final = Role(
    may_be_null=True,
    keys={
        "params": FREE,
        "defaults": PART,
        "tasks": Role(each=_TASK, names_tasks=True),
        **_LIMITS,
    },
)
_TASK.keys["workflow"] = FLOW
FILE: Final = Role(
    is_job=True,
    may_be_null=True,
    items=JOB,
    keys={"jobs": JOB, "defaults": JOB},
)
"""Jobs, or a job, or defaults with jobs."""
