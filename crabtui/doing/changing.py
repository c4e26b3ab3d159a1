"""Editing and cloning jobs, weights of queues, and workers that take no more work."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crabtui.acts import changing as change_acts
from crabtui.acts import queues as place_acts
from crabtui.acts import workers as worker_acts
from crabtui.acts.changes import parse_changes
from crabtui.acts.plan import Plan, WhyNot, why_not_act
from crabtui.acts.situation import Situation, objects
from crabtui.commands import parse_weight
from crabtui.dialogs.ask import Ask
from engine.control.messages import Feed, ListWorkers
from engine.errors import EngineError, InvalidSpec
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk


class Changing:
    """Editing and cloning jobs, weights of queues, and workers that take no more work."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_edit(self) -> None:
        """Ask what to change about the jobs here."""
        now = self._app.situation()
        hint = "KEY=VALUE …  such as priority=high cpus=2 queue=gpu tags=a,b; none resets"
        self._ask(f"Edit {objects(now)}", hint, parse_changes, partial(self._edit, now))

    def do_clone(self) -> None:
        """Ask what to change about the copy; nothing is an answer."""
        now = self._app.situation()
        hint = "KEY=VALUE … for what is to be different, or nothing; enter submits"
        check = partial(parse_changes, least=0)
        self._ask(f"Clone {objects(now)}", hint, check, partial(self._clone, now))

    def do_send(self) -> None:
        """Ask for a line, and send it to the job here."""
        job = self._app.situation().jobs[0].id

        def go(text: str) -> None:
            self._app.run_act(self._send(job, text))

        hint = "a line for its standard input; enter sends it with a newline"
        self._ask(f"Send to #{job}", hint, str, go)

    def do_set_weight(self) -> None:
        """Ask for the weight of the queue here."""
        now = self._app.situation()
        assert now.queue is not None
        queue = now.queue

        def done(text: str) -> None:
            self._app.perform(place_acts.plan_weight(queue, parse_weight(text)), now)

        hint = f"now {queue.weight}; its share of starts against the other queues"
        self._ask(f"Weight of queue {queue.name}", hint, parse_weight, done)

    def edit_line(self, text: str) -> Callable[[], object]:
        """What carries out `:edit`.

        Raises:
            InvalidSpec: no `KEY=VALUE`.
        """
        parse_changes(text)
        return partial(self._if_possible, change_acts.why_not_edit, self._edit, text)

    def clone_line(self, text: str) -> Callable[[], object]:
        """What carries out `:clone`.

        Raises:
            InvalidSpec: no `KEY=VALUE`.
        """
        parse_changes(text, least=0)
        return partial(self._if_possible, change_acts.why_not_clone, self._clone, text)

    def drain_line(self, name: str, *, drain: bool, why: str) -> Callable[[], object]:
        """What carries out `:drain` and `:undrain`."""
        return partial(self._app.run_act, self._drain(name, drain=drain, why=why))

    def weight_line(self, name: str, text: str) -> Plan:
        """The plan of `:weight QUEUE N`.

        Raises:
            InvalidSpec: no such queue, or no weight.
        """
        known = {queue.name: queue for queue in self._app.queues}
        if name not in known:
            raise unknown("queue", name, known)
        return place_acts.plan_weight(known[name], parse_weight(text))

    def _ask(
        self, title: str, hint: str, check: Callable[[str], object], go: Callable[[str], None]
    ) -> None:
        def done(text: str | None) -> None:
            if text is not None:
                go(text)

        self._app.push_screen(Ask(title, hint, check=check), done)

    def _if_possible(
        self,
        why_not: WhyNot,
        act: Callable[[Situation, str], None],
        text: str,
    ) -> None:
        now = self._app.situation()
        reason = why_not(now)
        if reason is not None:
            return self._app.say(reason, True)
        return act(now, text)

    def _edit(self, now: Situation, text: str) -> None:
        self._app.perform(change_acts.plan_edit(now, parse_changes(text)), now)

    def _clone(self, now: Situation, text: str) -> None:
        self._app.perform(change_acts.plan_clone(now, parse_changes(text, least=0)), now)

    async def _send(self, job: int, text: str) -> None:
        data = text.encode() + b"\n"
        try:
            fed = await self._app.feed.call(Feed(id=job, data=data))
        except EngineError as error:
            return self._app.say(error.message, True)
        if fed.taken < len(data):
            return self._app.say(f"#{job} does not read now: nothing was sent", True)
        return self._app.say(f"#{job} was sent {len(data)} bytes")

    async def _drain(self, name: str, *, drain: bool, why: str) -> None:
        app = self._app
        reason = why_not_act(app.situation())
        if reason:
            return app.say(reason, True)
        try:
            workers = (await app.feed.call(ListWorkers())).workers
            known = {worker.name: worker for worker in workers}
            if name not in known:
                raise unknown("worker", name, known)
        except (EngineError, InvalidSpec) as error:
            return app.say(error.message, True)
        return await app.acting.perform(
            worker_acts.plan_drain(known[name], drain=drain, why=why)
        )
