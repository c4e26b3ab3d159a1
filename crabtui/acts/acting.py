"""Carrying out an act: ask, look again, request, tell what came of it, remember its undo."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from textual.screen import Screen

from crabtui.acts.jobs import with_dependents
from crabtui.acts.plan import Plan
from crabtui.acts.progress import Progress
from crabtui.acts.receipts import as_acted, is_changed, receipt
from crabtui.acts.taking_back import CHUNK, TakingBack
from crabtui.acts.undo import Undo, uncancel, undo_by, undo_of, undo_of_limit
from crabtui.data.admin.audit_lines import AuditRow
from crabtui.dialogs.confirm import Confirm
from crabtui.feed import Feed
from engine.clock import Clock
from engine.control.messages import (
    Cancel,
    ListJobs,
    ListQueues,
    SetQueue,
    ShowJob,
    Targets,
    Uncancel,
)
from engine.control.views import JobRow, QueueView, Result
from engine.errors import EngineError, FrameTruncated, NoDaemon
from engine.model.states import FINAL

MEANWHILE = "what came or changes meanwhile is left alone, and told of"

KEPT = 200
"""Refusals that the command log goes back."""


def _has_moved(job: JobRow, state: str) -> bool:
    """Whether it is not what was asked about; an array is, until all of it has ended."""
    return state != job.state and not (job.members and state not in FINAL)


class AnswerLost(NoDaemon):
    """A request was sent, and the connection broke before the answer came."""


class Acting:
    """The one way from a plan to the engine.

    `ask` shows a dialog and returns its answer; `say` is the status line (`bad=True` for
    what did not work).
    """

    def __init__(
        self,
        feed: Feed,
        clock: Clock,
        ask: Callable[[Screen[bool | None]], Awaitable[bool | None]],
        say: Callable[[str, bool], None],
        *,
        ascii_only: bool = False,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._ask = ask
        self._say = say
        self._ascii = ascii_only
        self.undo: Undo | None = None
        self.acted_at = 0
        """When the last act was carried out, UTC microseconds of our clock."""
        self.progress = Progress(feed, clock, say)
        self._taking_back = TakingBack(feed)
        self.refused: deque[AuditRow] = deque(maxlen=KEPT)
        """What this console wanted and the engine never did; the newest last."""

    async def perform(self, plan: Plan, jobs: Sequence[JobRow] = (), hidden: int = 0) -> None:
        """Do what the plan says, to the objects frozen in `jobs` that have not changed."""
        try:
            plan = await self._informed(plan)
            if plan.confirm:
                dialog = Confirm(plan, jobs, hidden=hidden, ascii_only=self._ascii)
                if not await self._ask(dialog):
                    return self._say("nothing was done", False)
            await self._request(plan, jobs)
        except AnswerLost as error:
            self._say(f"perhaps {plan.verb}: {error.message}", True)
        except EngineError as error:
            self._note_refusal(plan, error)
            self._say(f"not {plan.verb}: {error.message}", True)

    def _note_refusal(self, plan: Plan, error: EngineError) -> None:
        """Keep it for the command log: the engine writes down only what it did."""
        at = self._clock.now()
        self.refused.append(
            AuditRow(
                key=f"own {at}",
                at=at,
                by="this console",
                what=plan.title.rstrip("?") or plan.verb,
                outcome=f"not {plan.verb}: {error.message}",
                is_bad=True,
            )
        )

    async def take_back(self) -> None:
        """Undo the last act where that is still possible."""
        undo, self.undo = self.undo, None
        if undo is None or not undo.is_open(self._clock.monotonic()):
            return self._say("nothing to undo", True)
        number, trouble = 0, []
        try:
            for inverse in undo.inverses:
                done, wrong = await self._taking_back.invert(inverse)
                number += done
                trouble += [wrong] if wrong else []
        except EngineError as error:
            self.undo = self.undo or undo
            return self._say(f"not undone: {error.message}", True)
        finally:
            self._feed.touch()
        said = f"undone: {undo.what}" if number else "not undone"
        return self._say("; ".join([said, *trouble]), bool(trouble))

    @property
    def can_undo(self) -> bool:
        """Whether the last act can be taken back now."""
        return self.undo is not None and self.undo.is_open(self._clock.monotonic())

    def in_grace(self) -> tuple[int, ...]:
        """The jobs of the last cancel, if it can still be taken back."""
        undo = self.undo
        if undo is None or not undo.is_open(self._clock.monotonic()):
            return ()
        requests = [inverse.request for inverse in undo.inverses]
        return tuple(job for r in requests if isinstance(r, Uncancel) for job in r.targets.ids)

    async def withdraw(self, jobs: Sequence[JobRow]) -> None:
        """Take back the cancels in their grace of these jobs, whoever asked for them."""
        await self.perform(uncancel([job.id for job in jobs]))

    async def cancel_now(self, jobs: Sequence[JobRow]) -> None:
        """End the grace of these jobs."""
        ids = tuple(job.id for job in jobs)
        request = Cancel(targets=Targets(ids=ids))
        self.undo = None
        await self.perform(Plan(verb="canceled now", title="", request=request))

    async def _informed(self, plan: Plan) -> Plan:
        """The plan with what the engine has to say about its consequences."""
        targets = getattr(plan.request, "targets", None)
        if isinstance(targets, Targets) and targets.seq is not None:
            plan = replace(plan, effects=(*plan.effects, MEANWHILE))
        if plan.ends is None:
            return plan
        detail = await self._feed.call(ShowJob(id=plan.ends))
        return with_dependents(plan, detail.dependents)

    async def _request(self, plan: Plan, jobs: Sequence[JobRow]) -> None:
        plan, changed = await self._still(plan, jobs)
        before = await self._queue_before(plan)
        if changed and plan.count == 0:
            return self._say(f"nothing was done; {changed}", True)
        answer, key = await self._sent(plan)
        acted = await self.progress.whole(key, as_acted(answer))
        came = receipt(plan, acted)
        is_all_known = acted.matched <= len(acted.results)
        text = "; ".join(part for part in (came.text, changed) if part)
        self._remember(plan, came.done, text, before)
        if not is_all_known and self.undo is not None:
            self.undo = None  # half of it taken back would be worse
            text += "; too many for u"
        self._feed.touch()
        if key and any(not one.ok for one in acted.results):
            text += "; @@ has the receipt"
        is_ours = any(map(is_changed, came.done))
        hint = "   u undoes" if self.undo is not None and is_ours else ""
        return self._say(text + hint, not came.ok)

    async def _sent(self, plan: Plan) -> tuple[Any, str]:
        """The answer, and the key of its receipt.

        Raises:
            AnswerLost: it was sent, and nobody knows what came of it.
            EngineError: it was not done.
        """
        was_there = not self._feed.link.why_not()
        try:
            return await self.progress.carry_out(plan)
        except (NoDaemon, FrameTruncated) as broken:
            if not was_there:
                raise
            told = "the connection broke before the answer; @@ has what was done"
            raise AnswerLost(told) from broken

    def _remember(
        self, plan: Plan, done: Sequence[Result], text: str, before: QueueView | None
    ) -> None:
        now_s, self.acted_at = self._clock.monotonic(), self._clock.now()
        ours = [result for result in done if is_changed(result)]
        if done and not ours:
            return  # all was so already: the act before can still be taken back
        if not ours:
            self.undo = None
        elif plan.back is not None:
            self.undo = undo_by(plan.back, text, plan.request)
        elif plan.undo == "limit" and isinstance(plan.request, SetQueue):
            self.undo = undo_of_limit(plan.request, before, text)
        else:
            self.undo = undo_of(plan, ours, now_s, text)

    async def _queue_before(self, plan: Plan) -> QueueView | None:
        if plan.undo != "limit" or not isinstance(plan.request, SetQueue):
            return None
        queues = (await self._feed.call(ListQueues())).queues
        return next((q for q in queues if q.name == plan.request.name), None)

    async def _still(self, plan: Plan, jobs: Sequence[JobRow]) -> tuple[Plan, str]:
        """The plan without the jobs that changed since they were frozen, and who they are."""
        targets = getattr(plan.request, "targets", None)
        if not plan.confirm or targets is None or targets.where is not None:
            return plan, ""
        now = await self._states([job.id for job in jobs])
        moved = [job for job in jobs if _has_moved(job, now.get(job.id, job.state))]
        if not moved:
            return plan, ""
        ids = tuple(job.id for job in jobs if job not in moved)
        request = msgspec.structs.replace(plan.request, targets=Targets(ids=ids))
        named = ", ".join(f"#{job.id} is {now[job.id]} now" for job in moved[:3])
        return replace(plan, request=request, count=len(ids)), f"{len(moved)} skipped: {named}"

    async def _states(self, ids: Sequence[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for start in range(0, len(ids), CHUNK):
            where = "id:" + ",".join(map(str, ids[start : start + CHUNK]))
            page = await self._feed.call(ListJobs(where=where, count=CHUNK, sort="id"))
            found |= {row.id: row.state for row in page.jobs}
        return found
