"""Filters: typed with suggestions and counts, by time, taken apart, saved under a name."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui import saved_views
from crabtui.data.suggest import Typed, field_typed
from crabtui.data.table.arranging import format_arrangement, parse_arrangement
from crabtui.data.wording import plural
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.picker import Choice, Picker
from crabtui.saved_views import SavedView
from crabtui.views.flows.flows import FlowsPane
from crabtui.views.jobs.look import Look
from crabtui.views.prompting.filter_modes import FilterMode, has_times
from engine.control.messages import Suggest
from engine.errors import EngineError
from engine.model.filter import parse

if TYPE_CHECKING:
    from crabtui.desk import Desk

RANGES: Final = {"5m": "5", "1h": "1", "6h": "6", "24h": "2"}
"""Spans of time that `t` offers, and the key of each."""
ALWAYS: Final = "all"
CUSTOM: Final = "custom"


class Filtering:
    """Filters of the Jobs view."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._known: dict[str, dict[str, int]] = {}
        self._asked: Typed | None = None

    # Typing one

    def do_filter(self) -> None:
        """Type a filter."""
        app, view = self._app, self._app.jobs_view
        if view is None:
            return
        if view.cleared and view.cleared not in app.filters:
            app.filters.append(view.cleared)
        self._asked = None
        front = app.front
        mode = FilterMode(
            front.prompt, front.end_prompt, view, self.values, app.filters, app.zone.offset_s
        )
        front.ask_line(mode)

    def do_pick_flow(self) -> None:
        """Pick the workflow whose runs are shown."""
        view = self._app.front.body
        if not isinstance(view, FlowsPane):
            return
        named = Counter(flow.name for flow in view.table.rows)
        choices = [
            Choice(ALWAYS, ALWAYS, "runs of all workflows"),
            *(Choice(f"={name}", name, plural(named[name], "run")) for name in view.names),
        ]
        picker = Picker(
            "runs of",
            choices,
            chosen=f"={view.only}" if view.only else ALWAYS,
            ascii_only=self._app.ascii_only,
        )

        def done(name: str | None) -> None:
            if name is not None and isinstance(view, FlowsPane):
                view.show_only("" if name == ALWAYS else name[1:])

        self._app.push_screen(picker, done)

    def values(self, text: str) -> dict[str, dict[str, int]]:
        """What is known of values by field; those of the one typed in `text` are asked for."""
        typed = field_typed(text, len(text))
        if typed is not None and typed != self._asked:
            self._asked = typed
            again = self._app.front.prompt.ask_again
            self._app.run_worker(
                self._learn(typed, again), group="suggest", exclusive=True, exit_on_error=False
            )
        return self._known

    async def _learn(self, typed: Typed, then: Callable[[], None]) -> None:
        try:
            found = await self._app.feed.at_moment.call(
                Suggest(field=typed.field, begun=typed.begun)
            )
        except EngineError:
            return
        self._known[typed.field] = {each.value: each.count for each in found.values}
        then()

    # Changing the one there is

    def do_drop_chip(self) -> None:
        """Take the last part of the filter away."""
        view = self._app.jobs_view
        if view is None or not view.look.chips:
            return self._app.say("nothing is filtered")
        return view.turn(view.look.without(len(view.look.chips) - 1))

    def do_time_range(self) -> None:
        """Pick how far back the list goes."""
        view = self._app.jobs_view
        if view is None:
            return
        choices = [
            Choice(span, span, "in their state since then or later", key=key)
            for span, key in RANGES.items()
        ]
        choices.append(Choice(CUSTOM, CUSTOM, "13:40, 2026-11-21T13:40, 90m", key="c"))
        choices.append(Choice(ALWAYS, ALWAYS, "however old", key="a"))
        picker = Picker("time range", choices, ascii_only=self._app.ascii_only)
        self._app.push_screen(picker, self._range_picked)

    def _range_picked(self, span: str | None) -> None:
        if span == CUSTOM:
            check = partial(self._since)
            hint = "13:40, 2026-11-21, 2026-11-21T13:40, or so long ago: 90m"
            self._app.push_screen(Ask("Since when?", hint, check=check), self._range_picked)
        elif span:
            self._range(span)

    def _range(self, span: str) -> None:
        view = self._app.jobs_view
        if view is not None and span == ALWAYS:
            view.turn(view.look.without_term("since"))
        elif view is not None:
            view.turn(view.look.with_term(self._since(span)))

    def _since(self, text: str) -> str:
        """The term. Raises InvalidSpec: no time."""
        return self.in_zone(f"since:{text}")

    def in_zone(self, where: str) -> str:
        """A filter that was typed here: its times of day are in the zone that is shown.

        Raises:
            InvalidSpec: it is no filter.
        """
        query = parse(where, utc_offset_s=self._app.zone.offset_s)
        return query.text if has_times(where) else where

    # Saved ones

    def save(self, name: str) -> None:
        """Save the list as it is looked at. Raises InvalidSpec: no name, no room."""
        view = self._app.jobs_view
        look = view.look if view is not None else Look()
        saved = SavedView(
            where=look.query,
            sort=look.sort,
            descending=look.descending,
            group=look.group,
            columns=format_arrangement(look.columns),
        )
        was = saved_views.keep_view(saved_views.usual_path(), name, saved)
        self._app.say(f"view {name} {'replaced' if was else 'saved'}: {saved.text}")

    def drop(self, name: str) -> None:
        """Forget a saved view. Raises NotFound, InvalidSpec."""
        dropped = saved_views.drop_view(saved_views.usual_path(), name)
        self._app.say(f"view {name} deleted; it was {dropped.text}")

    def find(self, name: str) -> SavedView:
        """A saved view. Raises NotFound, InvalidSpec."""
        return saved_views.find_view(saved_views.usual_path(), name)

    def open(self, saved: SavedView) -> None:
        """Look at a list as it was saved."""
        self._app.run_worker(self._open(saved), group="go", exclusive=True, exit_on_error=False)

    async def _open(self, saved: SavedView) -> None:
        await self._app.travel.arrive_at("jobs")
        view = self._app.jobs_view
        if view is not None:
            view.turn(
                replace(
                    Look(where=saved.where, descending=saved.descending, group=saved.group),
                    sort=saved.sort or "activity",
                    columns=parse_arrangement(saved.columns),
                )
            )

    def names(self) -> list[tuple[str, str]]:
        """Names of saved views and what they show; none if the file cannot be read."""
        try:
            found = saved_views.load_views(saved_views.usual_path())
        except EngineError:
            return []
        return [(name, view.text) for name, view in found.items()]
