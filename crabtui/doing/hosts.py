"""Acts on workers that ask first, and a shell on one of them in the real terminal."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from crabtui import worker_acts
from crabtui.data.sanitize import sanitize
from crabtui.data.terminal_argv import shell_argv, terminal_argv
from crabtui.dialogs.ask import Ask
from crabtui.situation import Situation
from engine.control import place
from engine.control.messages import ListWorkers, ShowJob
from engine.control.views import WorkerView
from engine.errors import EngineError, InvalidSpec

if TYPE_CHECKING:
    from collections.abc import Generator

    from crabtui.acts import Plan
    from crabtui.desk import Desk


class Hosts:
    """Acts on workers that ask first, and a shell on one of them in the real terminal."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_reconnect_worker(self) -> None:
        """Connect with the worker's host anew; offline: try the daemon again."""
        now = self._app.situation()
        if now.link:
            return self._app.looking.do_reconnect()
        return self._app.perform(worker_acts.plan_reconnect(now), now)

    def do_quarantine(self) -> None:
        """Ask why, and keep the worker from all work."""
        now = self._app.situation()
        worker = _here(now)
        self._ask(
            Ask(
                f"Quarantine worker {worker.name}",
                "why?  enter quarantines, esc does not",
                effects=worker_acts.quarantine_effects(worker),
                check=_reason,
            ),
            lambda why: worker_acts.plan_quarantine(now, why),
        )

    def do_remove_worker(self) -> None:
        """Ask for its name, and take the worker away."""
        now = self._app.situation()
        effects = worker_acts.remove_effects(_here(now))
        self._named("Remove", effects, now, worker_acts.plan_remove)

    def do_declare_dead(self) -> None:
        """Ask for its name, and say that its host will not come back."""
        now = self._app.situation()
        effects = worker_acts.dead_effects(_here(now))
        self._named("Declare dead:", effects, now, worker_acts.plan_declare_dead)

    def do_shell(self) -> None:
        """Open a shell on the worker here."""
        worker = _here(self._app.situation())
        state = self._app.state_dir
        if state is None:
            return self._app.say(
                "shell: this console is on another machine than its daemon", True
            )
        try:
            argv = shell_argv(worker, place.known_hosts(state), os.environ)
        except InvalidSpec as error:
            return self._app.say(error.message, True)
        return self._app.run_act(self._visit(argv, worker.name))

    def do_session(self) -> None:
        """Open the session of the job here, or a shell where it runs."""
        now, state = self._app.situation(), self._app.state_dir
        worker = now.jobs[0].worker_id if len(now.jobs) == 1 else None
        if worker is None:
            return self._app.say("session: no worker has the job", True)
        if state is None:
            return self._app.say(
                "session: this console is on another machine than its daemon", True
            )
        known_hosts = place.known_hosts(state)
        return self._app.run_act(self._to_session(now.jobs[0].id, worker, known_hosts))

    async def _to_session(self, job: int, worker: str, known_hosts: Path) -> None:
        app = self._app
        try:
            found = (await app.feed.call(ShowJob(id=job))).job
            workers = (await app.feed.call(ListWorkers())).workers
            [host] = [one for one in workers if one.name == worker]
            argv = terminal_argv(host, found, known_hosts, os.environ)
        except EngineError as error:
            return app.say(error.message, True)
        except ValueError:
            return app.say(f"there is no worker {worker} any more", True)
        return await self._visit(argv, worker)

    def _named(
        self,
        verb: str,
        effects: tuple[str, ...],
        now: Situation,
        plan: "Callable[[Situation], Plan]",
    ) -> None:
        """Ask for the worker's name before an act that nothing takes back."""
        name = _here(now).name
        hint = f"type {name} and then enter; esc does nothing"
        ask = Ask(f"{verb} worker {name}", hint, effects=effects, check=_is(name))
        self._ask(ask, lambda _: plan(now))

    def _ask(self, dialog: Ask, plan: "Callable[[str], Plan]") -> None:
        def done(text: str | None) -> None:
            if text is None:
                return self._app.say("nothing was done")
            return self._app.perform(plan(text), self._app.situation())

        self._app.push_screen(dialog, done)

    async def _visit(self, argv: list[str], name: str) -> None:
        """Give the terminal away until the shell has ended; the feed goes on meanwhile."""
        app = self._app
        try:
            with app.suspend(), _deaf_to_ctrl_c():
                print(
                    f"\ncrabtui: a shell on {sanitize(name)}; `exit` comes back\n", flush=True
                )
                process = await asyncio.create_subprocess_exec(*argv)
                code = await process.wait()
        except SuspendNotSupported:
            return app.say("this terminal cannot be lent to a shell", True)
        except OSError as trouble:
            return app.say(f"{argv[0]}: {trouble.strerror}", True)
        app.refresh(layout=True)
        failed = argv[0] == "ssh" and code == 255
        return app.say(f"ssh to {name} failed" if failed else f"back from {name}", failed)


@contextmanager
def _deaf_to_ctrl_c() -> "Generator[None]":
    """What the terminal says to its foreground is the shell's to hear."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def _here(now: Situation) -> WorkerView:
    assert now.worker is not None
    return now.worker


def _reason(text: str) -> str:
    if not text:
        raise InvalidSpec("say why: others will ask before they release it")
    return text


def _is(name: str) -> Callable[[str], object]:
    def check(text: str) -> str:
        if text != name:
            raise InvalidSpec(f"that is not its name: type {name}, or esc")
        return text

    return check
