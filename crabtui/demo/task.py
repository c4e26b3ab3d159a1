"""A job of the demo: what is submitted, what must have succeeded before, how it should end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One job. `name` is unique in the demo."""

    name: str
    family: str
    """What the summary counts it under."""
    argv: Sequence[str]
    after: tuple[str, ...] = ()
    """Names of the tasks that must succeed first."""
    queue: str = "default"
    priority: str = "normal"
    ends: str = "succeeded"
    """The state in which it should end; a demo shows failures too."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Other keys of the job, as a person would write them."""

    def ask(self, cwd: str, ids: Mapping[str, int]) -> dict[str, Any]:
        """The job as it is submitted; `ids` knows the tasks that it comes after."""
        job: dict[str, Any] = {
            "name": self.name,
            "command": list(self.argv),
            "cwd": cwd,
            "queue": self.queue,
            "priority": self.priority,
            "tags": [self.family],
            **self.more,
        }
        if self.after:
            job["depends_on"] = [ids[name] for name in self.after]
        return job


def waves(tasks: Iterable[Task]) -> list[list[Task]]:
    """The tasks in the order of submission: each wave needs only tasks of earlier ones."""
    left = list(tasks)
    known: set[str] = set()
    ordered: list[list[Task]] = []
    while left:
        wave = [task for task in left if known.issuperset(task.after)]
        if not wave:
            raise ValueError(f"nothing can come before {left[0].name}")
        known.update(task.name for task in wave)
        left = [task for task in left if task.name not in known]
        ordered.append(wave)
    return ordered
