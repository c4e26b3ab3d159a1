"""Time travel: all views at a moment of the past, and back."""

from typing import TYPE_CHECKING, Final

from textual.worker import Worker

from crabtui.data.wording import clock_zone, duration, full_time, same_day
from crabtui.views.events.scrubbing import Scrubbing
from crabtui.views.jobs.jobs import JobsView
from engine.control.messages import FindMoment, GetStats, Pulse
from engine.control.views import MomentView
from engine.errors import EngineError, InvalidSpec
from engine.model.when import When, exact_text, parse_when

if TYPE_CHECKING:
    from crabtui.desk import Desk
    from crabtui.views.body import Body

BACK: Final = "this is the past: :live comes back"
"""Why nothing can be done there."""


class Past:
    """Which moment is looked at; `moment` is None now.

    Whoever scrubs calls `go`, as often as it likes: the last call wins.
    """

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self.moment: MomentView | None = None
        self.at = 0
        """The instant that is shown, UTC microseconds."""
        self.picture: Pulse | None = None
        """What a pulse would have told then."""
        self.is_going = False
        self.refused = ""
        """Why the moment that was asked for last is not shown; empty if it is."""
        self._turn: Worker[None] | None = None

    @property
    def why_not_act(self) -> str:
        """Why nothing may be changed; empty now."""
        return "" if self.moment is None else BACK

    @property
    def address(self) -> str:
        """The moment as an address carries it, in UTC; empty now."""
        return "" if self.moment is None else exact_text(self.at)

    def head(self, live_at: int) -> str:
        """`◄ AT 13:46:58Z (-15m)` for the header; empty now."""
        if self.moment is None:
            return ""
        zone, ago = self._app.zone, duration(live_at - self.at)
        told = clock_zone if same_day(self.at, live_at, zone) else full_time
        return f"◄ AT {told(self.at, zone)} (-{ago})"

    def go(self, to: When | int | str) -> None:
        """Show this moment in all views: an event's number, or text as `:at` takes it.

        Raises:
            InvalidSpec: the text names no moment.
        """
        when = self.read(to) if isinstance(to, str) else to
        self._begin(When(seq=when) if isinstance(when, int) else when)

    def scrub(self, at: int) -> None:
        """Show this instant, or the first moment of all if it lies before that."""
        self._begin(When(at=at), stops_at_first=True)

    def _begin(self, when: When, *, stops_at_first: bool = False) -> None:
        self.is_going = True

        async def turn() -> None:
            await (self._go_or_stop if stops_at_first else self._go)(when)

        self._turn = self._app.run_worker(
            turn, group="past", exclusive=True, exit_on_error=False
        )

    def read(self, text: str) -> When:
        """The moment that `text` names; times without a zone are in the one that is shown.

        Raises:
            InvalidSpec: it names none.
        """
        return parse_when(text, self._app.live_at, self._app.zone.offset_s)

    async def _go(self, when: When) -> None:
        try:
            await self._arrive(when)
        except EngineError as error:
            self._stay(error)

    async def _go_or_stop(self, when: When) -> None:
        try:
            await self._arrive(when)
        except InvalidSpec as error:
            first = _seq(error.nearest)
            if first is None:
                return self._stay(error)
            await self._go(When(seq=first))
            self._app.say(f"the past begins here, with #{first:,}")
        except EngineError as error:
            self._stay(error)
        return None

    def _stay(self, error: EngineError) -> None:
        """There is no way there: everybody shows what is shown still."""
        self.is_going = False
        self.refused = error.message
        self._tell_all()
        self._app.say(error.message, True)

    async def _arrive(self, when: When) -> None:
        feed = self._app.feed
        found = await feed.call(FindMoment(at=when.at, seq=when.seq))
        stats = await feed.call(GetStats(as_of=found.seq))
        self.refused = ""
        self.moment = found
        self.at = found.at if when.at is None else min(when.at, self._app.live_at)
        self.picture = Pulse(seq=found.seq, now_at=found.at, by_state=stats.jobs.by_state)
        feed.show_moment(found.seq)
        self.is_going = False
        self._app.say(f"as of #{found.seq:,}; nothing can be changed here; :live comes back")
        return self._turned()

    def do_live(self) -> None:
        """Now, and everything moves again."""
        if self._turn is not None:
            self._turn.cancel()
        self.is_going = False
        if self.moment is None:
            return self._app.say("this is now: :at 15m goes back")
        self.moment = self.picture = None
        if self._app.feed.frozen:
            self._app.feed.frozen = False
            self._app.front.body.freeze(frozen=False)
        self._app.feed.show_moment(None)
        self._app.say("live again")
        return self._turned()

    def _turned(self) -> None:
        self._tell_all()
        for body in self._app.bodies:
            if isinstance(body, JobsView):
                body.start_over()
        self._app.beat()
        self._app.refresh_keys()

    def _tell_all(self) -> None:
        for body in self._app.bodies:
            self.tell(body)

    def tell(self, body: "Body") -> None:
        """Have a view that has an axis of time show where on it we are."""
        if isinstance(body, Scrubbing):
            body.show_moment(None if self.moment is None else self.at)


def _seq(nearest: str | None) -> int | None:
    """The number in `#88214`, as an error names the nearest moment."""
    number = (nearest or "").removeprefix("#")
    return int(number) if number.isdecimal() else None
