"""Filter, sort, search, freeze, help: how things are looked at."""

from dataclasses import replace
from typing import TYPE_CHECKING

from crabtui import clipboard
from crabtui.addresses import format_address
from crabtui.data.wording import plural
from crabtui.dialogs.help import Help
from crabtui.dialogs.picker import Choice, Picker
from crabtui.views.jobs.look import Look
from engine.control.messages import ListJobs
from engine.model.sorts import SORTS

if TYPE_CHECKING:
    from crabtui.desk import Desk

SEARCH_TRIES = 6
"""Parts of a filter that are dropped one at a time to find the closest match."""


class Looking:
    """Filter, sort, search, freeze, help: how things are looked at."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_sort(self) -> None:
        """Pick the sort column."""
        view = self._app.jobs_view
        if view is None:
            return
        hints = {"activity": "what needs a look first"}
        choices = [Choice(name, name, hints.get(name, "")) for name in SORTS]

        def done(name: str | None) -> None:
            if name is not None and view is not None:
                view.turn(view.look.sorted_by(name))

        picker = Picker(
            "sort by", choices, chosen=view.look.sort, ascii_only=self._app.ascii_only
        )
        self._app.push_screen(picker, done)

    def look_closer(self, where: str) -> None:
        """Find which part of a filter that matches nothing keeps the most out."""
        self._app.run_worker(
            self._closest(where), group="closest", exclusive=True, exit_on_error=False
        )

    async def _closest(self, where: str) -> None:
        view = self._app.jobs_view
        if view is None or view.look.query != where:
            return
        terms = Look(where=where).terms[:SEARCH_TRIES]
        found: list[tuple[int, str]] = []
        for place, term in enumerate(terms):
            rest = " ".join(terms[:place] + terms[place + 1 :])
            if rest:
                page = await self._app.feed.at_moment.call(ListJobs(where=rest, count=1))
                found.append((page.total, term))
        best = max(found, default=(0, ""))
        if best[0] and view.look.query == where:
            view.closest = f"closest: drop {best[1]} -> {plural(best[0], 'job')}"
            self._app.show_notice()

    def do_freeze(self) -> None:
        """Hold everything still, or go on; from the past, come back."""
        if self._app.past.moment is not None:
            return self._app.past.do_live()
        self._app.feed.frozen = not self._app.feed.frozen
        self._app.front.body.freeze(frozen=self._app.feed.frozen)
        if not self._app.feed.frozen:
            self._app.feed.touch()
        self._app.say("frozen: Z goes on" if self._app.feed.frozen else "live again")
        return self._app.beat()

    def do_refresh(self) -> None:
        """Look at everything again."""
        self._app.feed.touch()
        self._app.say("refreshed")

    def do_reconnect(self) -> None:
        """Try the connection now."""
        why_not = self._app.feed.link.why_not()
        self._app.feed.hurry() if why_not else None
        self._app.say("trying now" if why_not else "the connection is live")

    def do_utc(self) -> None:
        """UTC, or local time again."""
        self._app.utc = not self._app.utc
        self._app.front.body.show_zone(self._app.zone)
        self._app.say("times in UTC" if self._app.utc else f"times in {self._app.zone.name}")
        self._app.beat()

    def tell_faults(self) -> None:
        """Say that the key file could not be followed in everything, if so."""
        key_map = self._app.key_map
        if key_map.faults and key_map.path is not None:
            many = len(key_map.faults)
            words = "entry of {} is" if many == 1 else "entries of {} are"
            key = key_map.key_of("help")
            self._app.say(
                f"{many} {words.format(key_map.path.name)} ignored; {key} says why", True
            )

    def do_help(self) -> None:
        """All keys; what is chosen of them is done."""
        app = self._app

        def done(action: str | None) -> None:
            if action is not None:
                app.start(app.key_map.action(action))

        app.push_screen(Help(app.key_map, app.situation(), ascii_only=app.ascii_only), done)

    def do_palette(self) -> None:
        """All actions that are possible now."""
        self._app.action_command_palette()

    def do_copy_id(self) -> None:
        """The ids of the targets, or the worker's name; of nothing the line that submits."""
        jobs, worker = self._app.front.body.targets, self._app.situation().worker
        text = " ".join(str(job.id) for job in jobs) or (worker.name if worker else "")
        text = text or "crabtui submit -- echo hi"
        self._app.say(f"{clipboard.send(text, self._app.copy_to_clipboard)}: {text[:40]}")

    def do_copy_address(self) -> None:
        """The address of this view."""
        here = replace(self._app.front.body.address, at=self._app.past.address)
        text = format_address(here)
        self._app.say(f"{clipboard.send(text, self._app.copy_to_clipboard)}: {text[:60]}")
