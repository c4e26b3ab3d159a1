"""Acts on workers that ask first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from crabtui.acts import workers as worker_acts
from crabtui.acts.situation import Situation
from crabtui.dialogs.ask import Ask
from engine.control.views import WorkerView
from engine.errors import InvalidSpec

if TYPE_CHECKING:
    from crabtui.acts.plan import Plan
    from crabtui.desk import Desk


class Hosts:
    """Acts on workers that ask first."""

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
