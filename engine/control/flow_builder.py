"""Workflows written in Python: the same definition that a file has, built task by task.

flow = Flow("nightly", params={"seed": 7})
flow.task("load", command=["load", "${{ params.seed }}"])
flow.task("train", command=["train"], after="load", gpus=1)
run = client.call(flow.submission()).ids[0][0]
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeAlias

from engine.control.messages import SubmitWorkflow
from engine.errors import DuplicateTask, InvalidSpec
from engine.model.surroundings import passed_on

Awaited: TypeAlias = str | Mapping[str, str] | Iterable[str | Mapping[str, str]]
"""Names of tasks, or maps like `{"task": "train", "after": "failure"}`."""


class Flow:
    """A workflow while it is being written; `definition` is what the daemon gets."""

    def __init__(
        self,
        name: str,
        *,
        description: str = "",
        params: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        on_failure: str = "continue",
        limit: int | None = None,
    ) -> None:
        """Begin one without tasks.

        Args:
            name: What its runs are listed under.
            description: For people.
            params: Defaults by name, or maps of `default`, `required` and `description`.
            defaults: What each job says unless it says otherwise; keys as in a job.
            on_failure: `continue` or `stop`: what a failure means to tasks that do not
                depend on it.
            limit: How many tasks may run at once; None: no limit.
        """
        said = {
            "name": name,
            "description": description,
            "params": dict(params or {}),
            "defaults": dict(defaults or {}),
            "on_failure": on_failure,
            "limit": limit,
        }
        self._said = {key: value for key, value in said.items() if value not in ("", {}, None)}
        self._tasks: dict[str, dict[str, Any]] = {}

    @classmethod
    def read(cls, definition: Mapping[str, Any]) -> "Flow":
        """One that is there already, as a file has it: to be run, or to get more tasks."""
        flow = cls("")
        flow._said = {key: value for key, value in definition.items() if key != "tasks"}
        flow._tasks = dict(definition.get("tasks") or {})
        return flow

    def task(self, name: str, *, after: Awaited = (), **job: Any) -> Self:
        """Add a task, which may wait for tasks that are added later.

        Args:
            name: Its own, unlike that of any other here.
            after: What it waits for; names alone mean success.
            job: As people write jobs (`command`, `cpus` …), and what a task may say
                besides: `fallback`, `for_each`, `array`, `limit`.

        Raises:
            DuplicateTask: there is one of this name.
        """
        if name in self._tasks:
            raise DuplicateTask(
                f"tasks.{name}: there is a task of this name already", field=f"tasks.{name}"
            )
        if "depends_on" in job:
            raise InvalidSpec("say `after`, which is `depends_on`", field=f"tasks.{name}")
        on = [after] if isinstance(after, str | Mapping) else list(after)
        self._tasks[name] = {**job, **({"depends_on": on} if on else {})}
        return self

    def within(
        self,
        name: str,
        inner: "Flow",
        *,
        after: Awaited = (),
        params: Mapping[str, Any] | None = None,
    ) -> Self:
        """Add another workflow as a task. Raises: as `task`."""
        return self.task(
            name, after=after, workflow=inner.definition(), params=dict(params or {})
        )

    def definition(self) -> dict[str, Any]:
        """As a file has it."""
        return {**self._said, "tasks": dict(self._tasks)}

    def submission(
        self,
        params: Mapping[str, Any] | None = None,
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        request_key: str | None = None,
    ) -> SubmitWorkflow:
        """The request that runs it, for `call` of any client; repeating it runs it once.

        Args:
            params: Values over the defaults.
            cwd: Where its jobs run; None: the current folder.
            env: Their environment; None: the part of this process's that travels.
            request_key: None: a new one.
        """
        return SubmitWorkflow(
            definition=self.definition(),
            params=dict(params or {}),
            cwd=os.getcwd() if cwd is None else cwd,  # noqa: PTH109
            env=passed_on(os.environ) if env is None else dict(env),
            request_key=os.urandom(16).hex() if request_key is None else request_key,
        )
