"""The closed table of fields that a filter may speak of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Sort(StrEnum):
    """What kind of values a field has, and so which comparisons it takes."""

    NUMBER = "number"  # : = != > >= < <= and spans
    DURATION = "duration"  # > >= < <= and spans
    MOMENT = "moment"  # : or =, once
    CHOICE = "choice"  # a closed set of words, with prefixes and globs
    NAME = "name"  # ":" is equal or glob; "~" searches
    TEXT = "text"  # ":" is contained in, in any letter case
    JSON = "json"  # a path into free data; text or number, whatever is there


@dataclass(frozen=True, slots=True)
class Field:
    """A field: how it is compared, and what to say about it."""

    name: str
    sort: Sort
    hint: str
    many: bool = False
    """A job has any number of them, none included."""
    bare: bool = True
    """It may be written without a path."""
    path: bool = False
    """It may be written with a path."""


_TABLE: Final = (
    Field("id", Sort.NUMBER, "a job's number: id:1423, id:1400..1450"),
    Field("state", Sort.CHOICE, "state, or waiting, live, ended"),
    Field("queue", Sort.NAME, "the queue it stands in"),
    Field("name", Sort.TEXT, "its name, or its command if it has none"),
    Field("worker", Sort.NAME, "where it runs or ran"),
    Field("tag", Sort.NAME, "one of its tags", many=True),
    Field("prio", Sort.CHOICE, "priority; prio>=high is high or more urgent"),
    Field("attempt", Sort.NUMBER, "how many attempts it had"),
    Field("age", Sort.DURATION, "time since it was submitted"),
    Field("wait", Sort.DURATION, "time it was or is queued"),
    Field("run", Sort.DURATION, "time it ran or is running"),
    Field("reason", Sort.TEXT, "why it waits, or how it ended"),
    Field("exit", Sort.NUMBER, "exit code"),
    Field("fp", Sort.NAME, "fingerprint of its failure: failures that are alike share it"),
    Field("owner", Sort.NAME, "who submitted it"),
    Field("key", Sort.NAME, "its key"),
    Field("kind", Sort.CHOICE, "what it is made of"),
    Field("since", Sort.MOMENT, "in its present state since then or later"),
    Field("until", Sort.MOMENT, "in its present state since before then"),
    Field("tenant", Sort.NAME, "whose job it is"),
    Field("namespace", Sort.NAME, "which project it belongs to"),
    Field("held", Sort.CHOICE, "on hold: yes or no"),
    Field("paused", Sort.CHOICE, "running, but made to stand still: yes or no"),
    Field("unreachable", Sort.CHOICE, "its host is out of reach: yes or no"),
    Field("unmet", Sort.NUMBER, "how many jobs it still waits for: unmet>0"),
    Field("shape", Sort.NUMBER, "what it asks for: jobs of one shape fit in the same places"),
    Field("flow", Sort.NUMBER, "the run of a workflow that it is a task of: flow:1423"),
    Field("task", Sort.NAME, "its name in the workflow: task:train*"),
    Field("array", Sort.NUMBER, "the array that it is a member of: array:1423"),
    Field(
        "label",
        Sort.NAME,
        "a label that its worker must have: label:ssd, label.zone=eu",
        many=True,
        path=True,
    ),
    Field("args", Sort.TEXT, "its command: args:text, args.cwd=/srv", path=True),
    Field("meta", Sort.JSON, "metadata: meta.run=7", bare=False, path=True),
)

FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _TABLE}
"""By the name that the canonical text uses."""

OTHER_NAMES: Final[Mapping[str, str]] = {"host": "worker", "by": "owner", "priority": "prio"}
"""Further names that are understood."""

NOT_YET: Final[Mapping[str, str]] = {
    "level": "events have a level, jobs have a state: state:failed",
}
"""Fields of the grammar that say nothing of a job so far, and why."""
