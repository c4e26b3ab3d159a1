"""Staying with a run until it has ended, and telling what becomes of its tasks."""

from collections.abc import Iterable, Iterator

from crabtui.cli.frame.setting import setting
from crabtui.cli.printing.endings import CANCELED, TIMEOUT, ending
from crabtui.cli.printing.output import plain, say, say_json
from engine.control.blocking import BlockingClient
from engine.control.messages import ShowWorkflow, Wait, Watch
from engine.control.views import Finished, FlowView, TaskView
from engine.model.states import FINAL, State

PAGE = 1_000
QUIET = frozenset({"pending", "queued"})
"""States that every task has before anything becomes of it."""


class Follower:
    """Remembers how far a run was told of, over any number of connections."""

    def __init__(self, run: int, *, is_told: bool) -> None:
        self._run = run
        self._is_told = is_told
        self._states: dict[int, str] = {}

    def work(self, client: BlockingClient) -> Finished:
        """Return when the run has ended."""
        if self._is_told:
            self._tell(client)
        finished = client.call(Wait(ids=(self._run,))).finished[0]
        if not setting().as_json:
            say(f"#{self._run} {ending(finished)}")
        return finished

    def _tell(self, client: BlockingClient) -> None:
        for pulse in client.stream(Watch()):
            if pulse.many or not self._states or self._is_about(pulse.jobs):
                for flow, task in tasks_of(client, self._run):
                    if flow.state in FINAL and task is None:
                        return
                    if task is not None:
                        self._heard(task)

    def _is_about(self, jobs: Iterable[int]) -> bool:
        """Whether it or a task of it is among jobs that changed; when it grows, it is."""
        return any(job == self._run or job in self._states for job in jobs)

    def _heard(self, task: TaskView) -> None:
        was = self._states.get(task.id)
        self._states[task.id] = task.state
        if was == task.state or (task.state in QUIET and was in (None, *QUIET)):
            return
        if setting().as_json:
            say_json({"task": task.task, "state": task.state, "was": was, "job": plain(task)})
        else:
            why = f": {task.error}" if task.error else ""
            say(f"{task.task} {task.state} (#{task.id}){why}")


def tasks_of(client: BlockingClient, run: int) -> Iterator[tuple[FlowView, TaskView | None]]:
    """All tasks of a run, each with the run as it then was; at the end the run alone."""
    offset = 0
    while True:
        found = client.call(ShowWorkflow(id=run, offset=offset, limit=PAGE))
        for task in found.tasks:
            yield found.flow, task
        offset += len(found.tasks)
        if not found.tasks or offset >= found.total:
            yield found.flow, None
            return


def exit_code(finished: Finished) -> int:
    """0 if a run succeeded, 1 if it failed, 124 if it ran out of time, 130 if canceled."""
    by_state = {State.SUCCEEDED: 0, State.TIMEOUT: TIMEOUT, State.CANCELED: CANCELED}
    return by_state.get(State(finished.state), 1)
