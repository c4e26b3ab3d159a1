"""Acts that ask for something first, and taking acts back."""

from asyncio import Lock
from typing import TYPE_CHECKING

from crabtui import commands
from crabtui.acts.actions import BY_ID, works_in
from crabtui.acts.flows import plan_pause_flow
from crabtui.acts.jobs import plan_priority
from crabtui.acts.plan import why_not_act
from crabtui.acts.queues import plan_limit, plan_pause
from crabtui.acts.situation import Situation, objects
from crabtui.data.wording import plural
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.picker import Choice, Picker
from crabtui.keymap import shown
from engine.control.messages import ListQueues
from engine.errors import EngineError
from engine.model.priority import SHARES, Priority
from engine.model.states import WAITING

if TYPE_CHECKING:
    from crabtui.desk import Desk


class Steering:
    """Acts that ask for something first, and taking acts back."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._stepping = Lock()

    def do_pick_priority(self) -> None:
        """Pick one of the four levels."""
        now = self._app.situation()
        levels = {level.label: level for level in Priority}
        choices = [
            Choice(name, name, f"{SHARES[level]} % of starts while all wait", name[0])
            for name, level in levels.items()
        ]
        chosen = now.jobs[0].priority if now.jobs else ""
        picker = Picker(
            f"priority of {objects(now)}",
            choices,
            chosen=chosen,
            ascii_only=self._app.ascii_only,
        )

        def done(name: str | None) -> None:
            if name is not None:
                self._app.perform(plan_priority(now, levels[name]), now)

        self._app.push_screen(picker, done)

    def do_pause(self) -> None:
        """Pause the queue here, with a reason; or resume it."""
        now = self._app.situation()
        queue = now.queue
        assert queue is not None
        if queue.paused_at is not None:
            return self._app.perform(plan_pause(queue.name, pause=False), now)
        waiting = f"{plural(queue.queued, 'job')} wait{'s' if queue.queued == 1 else ''}"
        hint = f"why?  {waiting}; what runs goes on; enter pauses, esc does not"

        def done(why: str | None) -> None:
            if why is not None:
                self._app.perform(plan_pause(queue.name, pause=True, why=why), now)

        self._app.push_screen(Ask(f"Pause queue {queue.name}", hint), done)
        return None

    def do_pause_flow(self) -> None:
        """Pause the run here, with a reason; or let it go on."""
        now = self._app.situation()
        flow = now.flow
        assert flow is not None
        if flow.held_by is not None:
            return self._app.perform(plan_pause_flow(flow, pause=False), now)
        waiting = sum(n for state, n in flow.tasks.items() if state in WAITING)
        hint = f"why?  {plural(waiting, 'task')} to start; what runs goes on; enter pauses"

        def done(why: str | None) -> None:
            if why is not None:
                self._app.perform(plan_pause_flow(flow, pause=True, why=why), now)

        self._app.push_screen(Ask(f"Pause #{flow.id} {flow.name}", hint), done)
        return None

    def do_pick_limit(self) -> None:
        """Set the limit of the queue here."""
        now = self._app.situation()
        queue = now.queue
        assert queue is not None
        value = "" if queue.limit is None else str(queue.limit)
        hint = f"{queue.running} run now; a whole number from 0 on, or none"

        def done(text: str | None) -> None:
            if text is not None:
                self._app.perform(plan_limit(queue.name, commands.parse_limit(text)), now)

        ask = Ask(f"Limit queue {queue.name}", hint, value=value, check=commands.parse_limit)
        self._app.push_screen(ask, done)

    def do_raise_limit(self) -> None:
        """One more may run."""
        self._move_limit(1)

    def do_lower_limit(self) -> None:
        """One less may run."""
        self._move_limit(-1)

    def _move_limit(self, by: int) -> None:
        queue = self._app.situation().queue
        assert queue is not None
        self._app.run_act(self._step_limit(queue.name, by))

    async def _step_limit(self, name: str, by: int) -> None:
        """Move it from what it is now: keys may come faster than pictures."""
        app = self._app
        async with self._stepping:
            try:
                queues = (await app.feed.call(ListQueues())).queues
            except EngineError as error:
                return app.say(f"not limited: {error.message}", True)
            limit = next((queue.limit for queue in queues if queue.name == name), None)
            if limit is None:
                return app.say(f"queue {name} has no limit: p sets one", True)
            return await app.acting.perform(plan_limit(name, max(0, limit + by)))

    def do_undo(self) -> None:
        """Withdraw cancels in their grace here, else take back the last act."""
        now = self._app.situation()
        reason = why_not_act(now)
        if reason:
            return self._app.say(reason, True)
        grace = [job for job in now.jobs if job.cancel_at is not None]
        acting = self._app.acting
        here, ours = {job.id for job in grace}, {*acting.in_grace()}
        is_part_of_ours = bool(here & ours) and not ours <= here
        work = acting.withdraw(grace) if here and not is_part_of_ours else acting.take_back()
        self._app.run_act(work)
        return None

    def do_cancel_now(self) -> None:
        """Cancel at once what is in its grace here."""
        now = self._app.situation()
        reason = why_not_act(now)
        if reason:
            return self._app.say(reason, True)
        view = self._app.jobs_view
        ids = self._app.acting.in_grace()
        jobs = [job for job in now.jobs if job.cancel_at is not None]
        if not jobs and view is not None:
            jobs = [row for row in view.rows_of(ids) if row.cancel_at is not None]
        if not jobs:
            return self._app.say("nothing is in its grace", True)
        self._app.run_worker(
            self._app.acting.cancel_now(jobs), group="act", exit_on_error=False
        )
        return None

    def do_menu(self) -> None:
        """All acts on the selection, with what they would do or why they cannot."""
        now = self._app.situation()
        here = [a for a in self._app.key_map.actions if a.acts and works_in(a, now.scopes)]
        choices = [
            Choice(
                action.id,
                action.title,
                _menu_hint(action.id, now),
                shown(action.keys[0]) if action.keys else "",
                disabled=action.why_not(now) is not None,
            )
            for action in here
        ]
        if not choices:
            return self._app.say("no acts here", True)

        def done(name: str | None) -> None:
            if name is not None:
                self._app.start(BY_ID[name], meant=now)

        self._app.push_screen(
            Picker(_subject(now), choices, ascii_only=self._app.ascii_only), done
        )
        return None


def _subject(now: Situation) -> str:
    """What an action would be for."""
    if now.jobs:
        return objects(now)
    if now.worker is not None:
        return f"worker {now.worker.name}"
    return f"queue {now.queue.name}" if now.queue else "actions"


def _menu_hint(name: str, now: Situation) -> str:
    action = BY_ID[name]
    reason = action.why_not(now)
    if reason is not None:
        return f"no: {reason}"
    if action.plan is not None:
        return "; ".join(action.plan(now).effects)
    return action.help
