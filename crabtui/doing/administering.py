"""The engine itself, who did what, and where the console looks."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crabtui import clipboard
from crabtui.boundary import clean
from crabtui.data.admin.audit_lines import AuditRow
from crabtui.data.job.receipt_lines import receipt_lines
from crabtui.dialogs.key_rows import key_rows
from crabtui.dialogs.picker import Choice, Picker
from crabtui.dialogs.reading import Reading
from crabtui.options import BY_NAME, OPTIONS
from crabtui.views.admin.admin import AdminView, Around
from crabtui.views.admin.panes import LookRow
from engine.config import ClientConfig, Context, read_client_config
from engine.control.messages import ReadReceipt
from engine.errors import EngineError, InvalidSpec

if TYPE_CHECKING:
    from crabtui.desk import Desk

SHOWN = 1_000
"""Objects that a receipt shows; the command line has the rest."""


class Administering:
    """The engine itself, who did what, and where the console looks."""

    def __init__(
        self, app: "Desk", read: Callable[[], ClientConfig] = read_client_config
    ) -> None:
        self._app = app
        self._read = read
        self.next: Context | None = None
        """Where the console is to look once this one is left."""

    def around(self) -> Around:
        """What the Admin view is told by the console."""
        app = self._app
        return Around(
            own=lambda: tuple(app.acting.refused),
            undone_at=lambda: app.acting.acted_at if app.acting.can_undo else None,
            keys=lambda: key_rows(app.key_map, app.situation()),
            looks=self.looks,
            is_past=lambda: app.past.moment is not None,
        )

    def looks(self) -> Sequence[LookRow]:
        """All that can be set about the console, as it is."""
        return [LookRow(each.name, each.now(self._app), each.help) for each in OPTIONS]

    # Settings of the console

    def do_settings(self) -> None:
        """Pick what to change about the console, then to what."""
        choices = [
            Choice(row.name, row.name, f"{row.value}: {row.help}") for row in self.looks()
        ]

        def done(name: str | None) -> None:
            if name is not None:
                self._pick_value(name)

        self._push("settings of this console", choices, self._look_here(), done)

    def _look_here(self) -> str:
        body = self._app.front.body
        row = body.look_row if isinstance(body, AdminView) else None
        return row.name if row is not None else ""

    def _pick_value(self, name: str) -> None:
        option = BY_NAME[name]
        choices = [Choice(value, value) for value in option.values]

        def done(value: str | None) -> None:
            if value is not None:
                option.change(self._app, value)
                self._app.beat()

        self._push(f"{name}: {option.help}", choices, option.now(self._app), done)

    # Who did what

    def do_audit(self) -> None:
        """The command log."""
        self._app.run_worker(self._audit(), group="go", exclusive=True, exit_on_error=False)

    async def _audit(self) -> None:
        await self._app.travel.arrive_at("admin")
        body = self._app.front.body
        if isinstance(body, AdminView):
            body.show_tab("audit")

    def do_receipt(self) -> None:
        """What became of each object of the act under the cursor."""
        body = self._app.front.body
        act = body.act if isinstance(body, AdminView) else None
        if act is None:
            return self._app.say("no act here", True)
        if not act.has_receipt:
            why = f"  {act.why}" if act.why else ""
            return self._app.say(f"{act.what}: {act.outcome}{why}", act.is_bad)
        return self._app.run_act(self._read_receipt(act))

    async def _read_receipt(self, act: AuditRow) -> None:
        app = self._app
        try:
            page = await app.feed.call(ReadReceipt(seq=act.seq, limit=SHOWN))
        except EngineError as error:
            return app.say(error.message, True)
        title = f"#{act.seq}  {act.what}"
        dialog = Reading(title, receipt_lines(act, page), ascii_only=app.ascii_only)
        app.push_screen(dialog, self._copy)
        return None

    def _copy(self, text: str | None) -> None:
        if text is not None:
            sent = clipboard.send(text, self._app.copy_to_clipboard)
            self._app.say(f"{sent}: the receipt")

    def do_halt(self) -> None:
        """Have acts on many leave the rest alone."""
        self._app.run_act(self._app.acting.progress.halt())

    # Contexts

    def do_contexts(self) -> None:
        """Pick another place to look at; `@` once more: who did what."""
        if isinstance(self._app.screen, Picker):  # typed faster than it opens
            self._app.screen.dismiss("@")
            return None
        try:
            told = self._read()
        except InvalidSpec as wrong:
            return self._app.say(clean(wrong.message), True)
        choices = [
            Choice(one.name, one.name, _place(one), disabled=one.name == self._app.context)
            for one in told.contexts.values()
        ]
        if not choices:
            hint = "none yet: [contexts.NAME] in the configuration, with a state or a host"
            choices = [Choice("-", "contexts", hint, disabled=True)]
        choices.append(
            Choice("@", "who did what", "the newest acts, and what came of them", "@")
        )

        def done(name: str | None) -> None:
            if name == "@":
                self.do_audit()
            elif name is not None:
                self.switch(told.context(name))

        return self._push("look at", choices, self._app.context, done)

    def context_names(self) -> list[str]:
        """Those that the configuration names; none if it cannot be read."""
        try:
            return sorted(self._read().contexts)
        except InvalidSpec:
            return []

    def context(self, name: str) -> Context:
        """The context of this name. Raises: InvalidSpec, with the nearest."""
        return self._read().context(name)

    def switch(self, context: Context) -> None:
        """Look there from now on, at what the last session there looked at."""
        if self._app.acting.progress.goes_on:
            return self._app.say("an act goes on; :halt leaves its rest alone", True)
        self.next = context
        return self._app.travel.do_quit()

    def _push(
        self,
        title: str,
        choices: Sequence[Choice],
        chosen: str,
        done: Callable[[str | None], None],
    ) -> None:
        picker = Picker(title, choices, chosen=chosen, ascii_only=self._app.ascii_only)
        self._app.push_screen(picker, done)


def _place(context: Context) -> str:
    where = context.host or context.state or ""
    return clean(where) + ("  protected: read-only at first" if context.is_protected else "")
