"""What passes by itself, second by second: ages, countdowns, the header, being armed."""

from typing import TYPE_CHECKING

from crabtui import heading
from crabtui.data.past import band_lines
from crabtui.data.wording import fresh_age
from crabtui.mended import mended
from crabtui.views.empty import notice_for
from crabtui.views.events.scrubbing import Scrubbing
from crabtui.views.logs.keys import LogKeys
from engine.control.messages import Pulse

if TYPE_CHECKING:
    from crabtui.desk import Desk


class Clockwork:
    """What passes by itself, once a second."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._frozen: Pulse | None = None
        """What was heard last when everything was frozen."""

    def beat(self) -> None:
        """Let a second pass."""
        app = self._app
        now_s = app.clock.monotonic()
        is_over = app.armed_until_s is not None and now_s >= app.armed_until_s
        if is_over and not app.acting.progress.goes_on:  # that would break off half of it
            app.command_bar.disarm("the time for acts is over: read-only again")
        app.notes.beat()
        body = app.front.body
        now_at = app.live_at if isinstance(body, Scrubbing) else app.now_at
        with mended(app):
            body.tick(now_at, stale=app.feed.link.is_stale(now_s))
        app.front.show_head(heading.header(self._moment(now_s)))
        app.front.show_right(self._age(now_s))
        app.front.show_band(*self._band())
        self.show_notice()

    def _moment(self, now_s: float) -> heading.Moment:
        """Everything that the header is made from."""
        app, link = self._app, self._app.feed.link
        return heading.Moment(
            link=link,
            pulse=self._picture,
            now_s=now_s,
            now_at=app.live_at,
            past=app.past.head(app.live_at),
            zone=app.zone,
            context=app.context,
            accent=app.accent,
            read_only=app.feed.read_only or not link.may_act,
            armed_until_s=app.armed_until_s,
            frozen=app.feed.frozen,
            pressure=app.pressure,
            attention=app.attention,
        )

    def _band(self) -> tuple[str, str]:
        """What moment is shown, if it is not now, and how to come back to now."""
        app = self._app
        self._frozen = (self._frozen or app.pulse) if app.feed.frozen else None
        if head := app.past.head(app.live_at):
            has_log = isinstance(app.front, LogKeys)
            return band_lines.past(head, with_log=has_log), "esc comes back"
        if self._frozen is None or app.pulse is None:
            return "", ""
        then = self._frozen
        return band_lines.frozen(then.seq, then.now_at, app.pulse.seq, app.zone), "Z resumes"

    @property
    def _picture(self) -> Pulse | None:
        """The counters of the moment that is looked at."""
        return self._app.past.picture or self._app.pulse

    def _age(self, now_s: float) -> str:
        """The event that is shown, and how long ago it was heard of."""
        age_s, picture = self._app.feed.link.age_s(now_s), self._picture
        seq = f"#{picture.seq}" if picture else ""
        if self._app.past.picture is not None:
            return seq
        return "" if age_s is None else f"{seq}  {fresh_age(age_s)} ago".strip()

    def show_notice(self) -> None:
        """Say why there are no rows of jobs, if there are none."""
        app, view, picture = self._app, self._app.jobs_view, self._picture
        if view is None:
            return
        view.show_notice(
            notice_for(
                app.feed.link,
                app.context,
                total=view.total,
                all_jobs=sum(picture.by_state.values()) if picture else None,
                where=view.look.query,
                closest=view.closest,
                now_s=app.clock.monotonic(),
                refused=view.refused,
            )
        )
