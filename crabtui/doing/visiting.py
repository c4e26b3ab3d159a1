"""The real terminal, lent to a shell on a worker or to the session of a job, and taken back."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from crabtui.acts.plan import Plan
from crabtui.data.sanitize import sanitize
from crabtui.data.terminal_argv import shell_argv, terminal_argv
from crabtui.dialogs.confirm import Confirm
from crabtui.program import PROGRAM
from engine.control import place
from engine.control.messages import ListWorkers, ShowJob
from engine.control.views import JobView, WorkerView
from engine.errors import EngineError, InvalidSpec, NotFound

if TYPE_CHECKING:
    from collections.abc import Generator

    from crabtui.desk import Desk

SSH_FAILED: Final = 255

Lend = Callable[["Desk", Sequence[str], str], Awaitable[int]]
"""Runs words in the real terminal, after a line of greeting; their exit code when they end.

Raises OSError: they cannot be run. SuspendNotSupported: there is no terminal to lend.
"""


class Visiting:
    """The real terminal, lent to a shell on a worker or to the session of a job."""

    def __init__(self, app: "Desk", lend: Lend) -> None:
        self._app = app
        self._lend = lend

    def do_shell(self) -> None:
        """Open a shell on the worker here."""
        worker = self._app.situation().worker
        assert worker is not None
        return self._app.run_act(self._to_shell(worker))

    def do_session(self) -> None:
        """Open the session of the job here, or a shell where it runs."""
        job = self._app.situation().jobs[0]
        return self._app.run_act(self._to_session(job.id))

    def show_demo(self) -> None:
        """Lend the terminal to a demonstration in a place of its own."""
        return self._app.run_act(self._to_demo())

    async def _to_demo(self) -> None:
        argv = [*PROGRAM, "demo"]
        try:
            code = await self._lend(self._app, argv, "crabtui: a demo; leaving it comes back")
        except SuspendNotSupported:
            return self._app.say("there is no terminal to show it on: run `crabtui demo`", True)
        except OSError as trouble:
            return self._app.say(f"{argv[0]}: {trouble.strerror}", True)
        return self._app.say(f"back from the demo{_ended(code)}")

    async def _to_shell(self, worker: WorkerView) -> None:
        try:
            argv = shell_argv(worker, self._known_hosts(), os.environ)
        except EngineError as error:
            return self._app.say(error.message, True)
        return await self._visit(argv, worker.name, "")

    async def _to_session(self, job: int) -> None:
        try:
            found = (await self._app.feed.call(ShowJob(id=job))).job
            worker = await self._worker_of(found)
            argv = terminal_argv(worker, found, self._known_hosts(), os.environ)
        except EngineError as error:
            return self._app.say(error.message, True)
        return await self._visit(argv, worker.name, found.tmux)

    async def _worker_of(self, job: JobView) -> WorkerView:
        for worker in (await self._app.feed.call(ListWorkers())).workers:
            if worker.name == job.worker_id:
                return worker
        raise NotFound(f"there is no worker {sanitize(job.worker_id or '')} any more")

    def _known_hosts(self) -> Path:
        if self._app.state_dir is None:
            raise InvalidSpec("this console is on another machine than its daemon: do it there")
        return place.known_hosts(self._app.state_dir)

    async def _visit(self, argv: Sequence[str], worker: str, session: str) -> None:
        """Lend the terminal; the feed goes on meanwhile."""
        app, name = self._app, sanitize(worker)
        if not await app.push_screen_wait(
            Confirm(_question(argv, name, session), ascii_only=app.ascii_only)
        ):
            return app.say("nothing was done")
        try:
            code = await self._lend(app, argv, _greeting(name, session))
        except SuspendNotSupported:
            return app.say("this terminal cannot be lent to a shell", True)
        except OSError as trouble:
            return app.say(f"{argv[0]}: {trouble.strerror}", True)
        if argv[0] == "ssh" and code == SSH_FAILED:
            return app.say(f"ssh to {name} failed", True)
        if session and code:
            return app.say(f"{session} cannot be opened on {name}: has it ended?", True)
        return app.say(f"back from {name}{_ended(code)}")


async def lend(app: "Desk", argv: Sequence[str], greeting: str) -> int:
    """Suspend the console until the words have ended. Raises as of `Lend`."""
    with app.suspend(), deaf_to_ctrl_c():
        print(f"\n{greeting}\n", flush=True)
        process = await asyncio.create_subprocess_exec(*argv)
        code = await process.wait()
    app.refresh(layout=True)
    return code


def _question(argv: Sequence[str], worker: str, session: str) -> Plan:
    """What is asked before the terminal is lent; the daemon is not asked for anything."""
    what = sanitize(session) if session else "a shell"
    how = "over ssh, as its account there" if argv[0] == "ssh" else "as you, on this machine"
    return Plan(
        verb="opened",
        title=f"Open {what} on {worker}?",
        request=ListWorkers(),
        effects=(f"this terminal is lent to it, {how}", "jobs go on meanwhile"),
        confirm=True,
    )


def _ended(code: int) -> str:
    """How a shell ended, if not as usual; below 0 a signal."""
    if code < 0:
        return f": it was ended by signal {-code}"
    return f": it ended with exit code {code}" if code else ""


def _greeting(worker: str, session: str) -> str:
    if session:
        return f"crabtui: {session} on {worker}; `ctrl+b d` comes back"
    return f"crabtui: a shell on {worker}; `exit` comes back"


@contextmanager
def deaf_to_ctrl_c() -> "Generator[None]":
    """What the terminal says to its foreground is the shell's to hear."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
