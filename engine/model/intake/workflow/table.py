"""Every key that a workflow and a task of it may have."""

from typing import Final

from engine.model.intake.table import JOB_KEYS

FLOW_KEYS: Final = (
    "name",
    "description",
    "params",
    "defaults",
    "on_failure",
    "limit",
    "hooks",
    "tasks",
)
"""What a workflow may say."""

TASK_KEYS: Final = (
    "depends_on",
    "after",
    "fallback",
    "for_each",
    "array",
    "workflow",
    "params",
    "limit",
)
"""What a task may say, besides what a job may."""

COMPOSITE_KEYS: Final = ("name", "description", "tags", "metadata", "priority", "queue")
"""What of a job a task may say that is a workflow; all else has its place in `defaults`."""

ARRAY_KEYS: Final = ("values", "grid", "lines", "limit", "stop_after")

KNOWN: Final = frozenset({*TASK_KEYS, *JOB_KEYS})

FLOW_KEY_TYPES: Final[dict[str, type]] = {"limit": int, "stop_after": int}
"""Keys whose values are no text, for files in which every scalar is written alike."""

TEXT_KEYS: Final = frozenset(
    {"command", "argv", "shell", "cwd", "env", "stdin", "name", "description", "gate"}
)
"""Of a job: what is text all through, so that a value in it becomes text too."""

LINE_KEYS: Final = frozenset({"command", "shell", "gate"})
"""Of a job: what is a shell line if it is text, so that values in it are quoted."""

LATE_KEYS: Final = TEXT_KEYS - {"description", "gate"} | {
    "tool",
    "args",
    "stage_module",
    "stage_opts",
    "stage_context",
}
"""Of a job: where results may stand, which are known when it starts."""
