"""ToolContext: what a call may know of the job that it is."""

import threading
from typing import Any

import msgspec


class ToolContext:
    """Given to a tool that has a parameter annotated with it; not an argument of the call."""

    def __init__(self, attempt: str, given: bytes | str | None = None) -> None:
        """Prepare.

        Args:
            attempt: Id of the attempt, `JOB-N-EPOCH`.
            given: The context of its workflow, as JSON; None: it belongs to none.
        """
        known: dict[str, Any] = msgspec.json.decode(given) if given else {}
        self.attempt = attempt
        self.job = int(attempt.partition("-")[0])
        workflow = known.get("workflow") or {}
        self.workflow: int | None = workflow.get("id")
        """Id of its workflow's run, which is the outermost composite job."""
        self.workflow_name: str = workflow.get("name", "")
        self.run: int | None = workflow.get("run")
        """Which run of that name it is, from 1."""
        self.task: str = known.get("task", "")
        self.outcomes: dict[str, str] = known.get("outcomes") or {}
        """The states in which those ended that it depends on, by name."""
        self.params: dict[str, Any] = known.get("params") or {}
        self.results: dict[str, Any] = known.get("results") or {}
        """What the tasks came to that this one depends on, by name: a copy of its own."""
        self.known = known
        """Everything that the workflow tells, as it came."""
        self._canceled = threading.Event()

    @property
    def is_canceled(self) -> bool:
        """Whether the call is to end; a tool that works long looks at it now and then."""
        return self._canceled.is_set()

    def wait_canceled(self, seconds: float) -> bool:
        """Return after so many seconds, or at once when the call is to end: whether it is."""
        return self._canceled.wait(seconds)

    def cancel(self) -> None:
        """Have it end."""
        self._canceled.set()
