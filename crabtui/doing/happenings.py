"""What leads from the events to elsewhere: filters, ranges, jobs, files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from crabtui import clipboard
from crabtui.addresses import Address
from crabtui.boundary import clean
from crabtui.commands import parse_span_s
from crabtui.data.events.export import ENDS, exported, heading
from crabtui.data.wording import UTC_ZONE, plural
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.picker import Choice, Picker
from crabtui.doing.drafts import drafted
from crabtui.doing.typed_paths import typed_path
from crabtui.topics.events import OLDER
from crabtui.views.events.events import EventsView
from crabtui.views.events.filter_mode import EventFilterMode
from crabtui.views.events.look import joined
from engine.control.messages import ListEvents
from engine.errors import EngineError, InvalidSpec
from engine.model.event_filter import parse_events, queue_of
from engine.model.filter.values import Word

if TYPE_CHECKING:
    from crabtui.desk import Desk

RANGES: Final = {"5m": 300, "1h": 3_600, "6h": 21_600, "24h": 86_400}
CUSTOM: Final = "custom"
PAGE: Final = OLDER * 3


class Happenings:
    """What leads from the events to elsewhere."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._history: list[str] = []

    @property
    def _view(self) -> EventsView | None:
        body = self._app.front.body
        return body if isinstance(body, EventsView) else None

    def do_filter_events(self) -> None:
        """Type a filter of events."""
        view, front = self._view, self._app.front
        if view is not None:
            front.ask_line(
                EventFilterMode(
                    front.prompt,
                    front.end_prompt,
                    view,
                    self.values,
                    self._history,
                    self._app.zone.offset_s,
                )
            )

    def in_zone(self, where: str) -> str:
        """A filter that was typed here: its times of day are in the zone that is shown.

        Raises:
            InvalidSpec: it is no filter of events.
        """
        query = parse_events(where, utc_offset_s=self._app.zone.offset_s)
        return query.text if "since" in where or "until" in where else where

    def values(self) -> dict[str, list[str]]:
        """Values that were seen in the list."""
        view = self._view
        seen = view.book.events[:500] if view is not None else ()
        return {
            "worker": sorted({e.worker for e in seen if e.worker}),
            "tenant": sorted({e.tenant for e in seen if e.tenant}),
            "actor": sorted({e.actor for e in seen}),
            "queue": sorted({queue.name for queue in self._app.queues}),
        }

    def do_open_event(self) -> None:
        """The job, worker or queue that the event is about."""
        event = self._view.event if self._view is not None else None
        if event is None:
            return self._app.say("no event here", True)
        if event.job is not None:
            return self._app.travel.open_job(event.job, "events")
        if event.worker is not None:
            return self._app.travel.visit(Address(view="workers", name=event.worker))
        queue = queue_of(event)
        if queue is not None:
            return self._app.travel.visit(Address(view="queues", name=queue))
        return self._app.say("this event is about no job, worker or queue")

    def do_event_clock(self) -> None:
        """Times of the zone here, of UTC, and as ages, in turn."""
        view, app = self._view, self._app
        if view is None:
            return
        was_ages, zoned = view.table.ages, app.local_zone != UTC_ZONE
        view.table.show_ages(ages=not was_ages and (app.utc or not zoned))
        if view.table.ages:
            app.say("times as ages")
        elif zoned:
            app.looking.do_utc()
        else:
            app.say("times in UTC")

    def do_copy_event(self) -> None:
        """The number of the event's job, or else of the event."""
        event = self._view.event if self._view is not None else None
        if event is not None:
            text = f"#{event.seq}" if event.job is None else str(event.job)
            sent = clipboard.send(text, self._app.copy_to_clipboard)
            self._app.say(f"{sent}: {text}")

    def do_events_of(self) -> None:
        """What happened to the worker or queue under the cursor."""
        now = self._app.situation()
        if now.worker is not None:
            where = f"worker:{Word(now.worker.name)}"
        elif now.queue is not None:
            where = f"queue:{Word(now.queue.name)}"
        else:
            return self._app.say("no worker and no queue here", True)
        return self._app.travel.visit(Address(view="events", where=where))

    def do_event_range(self) -> None:
        """Pick how much time is on the screen."""
        choices = [Choice(name, name, key=name[0]) for name in RANGES]
        choices.append(Choice(CUSTOM, CUSTOM, "another length of time", "c"))

        def done(name: str | None) -> None:
            if name == CUSTOM:
                self._ask_range()
            elif name is not None and self._view is not None:
                self._view.show_range(RANGES[name])

        self._app.push_screen(
            Picker("time on the screen", choices, ascii_only=self._app.ascii_only), done
        )

    def _ask_range(self) -> None:
        def done(text: str | None) -> None:
            if text and self._view is not None:
                self._view.show_range(parse_span_s(text))

        self._app.push_screen(
            Ask("Time on the screen", "such as 45m, 3h or 24h", check=parse_span_s), done
        )

    def do_export_events(self) -> None:
        """Write what the list shows, from where the screen of time begins, to a file."""

        def check(text: str) -> None:
            path = typed_path(text)
            if path.suffix not in ENDS:
                raise InvalidSpec("a name that ends with .csv or .jsonl", field="file")
            if path.exists():
                raise InvalidSpec(f"{path.name} is there already", field="file")

        def done(text: str | None) -> None:
            if text and self._view is not None:
                work = self._export(self._view, typed_path(text))
                self._app.run_worker(work, group="export", exit_on_error=False)

        hint = "all that is on the axis of time; the name ends with .jsonl or .csv"
        name = f"events-{_utc(self._app.now_at):%Y%m%d-%H%M%S}.jsonl"
        self._app.push_screen(Ask("Export events", hint, value=name, check=check), done)

    async def _export(self, view: EventsView, path: Path) -> None:
        where = joined(view.look.query, f"since:{_utc(view.oldest_at()):%Y-%m-%dT%H:%M:%SZ}")
        try:
            with drafted(path) as file:
                file.write(heading(path.suffix))
                number = await self._write(file, path.suffix, where, view.scrub.at)
        except (OSError, EngineError) as error:
            return self._app.say(clean(f"export: {error}"), True)
        return self._app.say(f"{plural(number, 'event')} written to {path}")

    async def _write(self, file: TextIO, end: str, where: str, until_at: int | None) -> int:
        """Page by page: nothing is held but one of them."""
        number = after = 0
        while True:
            ask = ListEvents(where=where, after=after, limit=PAGE, until_at=until_at)
            page = await self._app.feed.at_moment.call(ask)
            file.write(exported(page.events, end))
            number += len(page.events)
            self._app.say(f"exporting: {plural(number, 'event')}")
            if page.is_whole or page.reached <= after:
                return number
            after = page.reached


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1_000_000, UTC)
