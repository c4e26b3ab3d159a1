"""Tables: their columns, what they are counted by, and their rows in a file."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crabtui.data.files import exporting
from crabtui.data.files.exporting import FORMATS, OF_ROWS, Format, format_of
from crabtui.data.table.arranging import format_arrangement, parse_arrangement
from crabtui.data.table.group_lines import GROUPS
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.columns import ColumnsDialog
from crabtui.dialogs.picker import Choice, Picker
from crabtui.doing.drafts import drafted
from crabtui.doing.typed_paths import typed_path
from crabtui.dumping import picture
from crabtui.views.jobs.look import Look
from engine.control.messages import ListJobs
from engine.errors import EngineError, InvalidSpec
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk

PAGE: Final = 1_000
NONE: Final = "none"
KEYS: Final = {"csv": "c", "json": "j", "jsonl": "l", "svg": "s", "txt": "t"}
HINTS: Final = {
    "csv": "all rows that match, for spreadsheets",
    "json": "all rows that match, as one object",
    "jsonl": "all rows that match, one object a line",
    "svg": "a picture of this screen",
    "txt": "this screen as text",
}


class Tables:
    """What the Jobs view shows of its list, and where its rows can go."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    # Columns

    def do_columns(self) -> None:
        """Choose columns, their order and width."""
        view = self._app.jobs_view
        if view is None:
            return
        dialog = ColumnsDialog(
            view.look.columns, view.table.columns, ascii_only=self._app.ascii_only
        )
        self._app.push_screen(dialog, self._arranged)

    def _arranged(self, text: str | None) -> None:
        if text is not None:
            self.arrange(text)

    def arrange(self, text: str) -> None:
        """Show these columns, as `parse_arrangement` reads them. Raises InvalidSpec."""
        view, wish = self._app.jobs_view, parse_arrangement(text)
        if view is not None:
            view.turn(replace(view.look, columns=wish))
            self._app.say(f"columns: {format_arrangement(wish)}")

    def do_wide(self) -> None:
        """Show as many columns as there is room for, or the usual ones again."""
        view = self._app.jobs_view
        if view is None:
            return
        wish = replace(view.look.columns, wide=not view.look.columns.wide)
        view.turn(replace(view.look, columns=wish))
        hidden = view.table.arranged.hidden
        rest = f"; {hidden} have no room" if hidden else ""
        self._app.say(f"wide{rest}" if wish.wide else "the usual columns")

    # Groups

    def do_group(self) -> None:
        """Pick what to count the jobs by; while they are counted, list them again."""
        view = self._app.jobs_view
        if view is None:
            return None
        if view.look.group:
            return view.turn(replace(view.look, group=""))
        choices = [Choice(field, field, "", key=key) for field, key in GROUPS.items()]
        picker = Picker("count by", choices, ascii_only=self._app.ascii_only)
        self._app.push_screen(picker, self._grouped)
        return None

    def _grouped(self, field: str | None) -> None:
        if field is not None:
            self.group(field)

    def group(self, field: str) -> None:
        """Count the jobs of the list by this field; `none` lists them.

        Raises:
            InvalidSpec: no such field.
        """
        if field not in (*GROUPS, NONE):
            raise unknown("group", field, (*GROUPS, NONE), field="group")
        view = self._app.jobs_view
        if view is not None:
            view.turn(replace(view.look, group="" if field == NONE else field))

    # Files

    def do_export(self) -> None:
        """Write the list, or a picture of the screen, to a file."""
        kinds = FORMATS if self._is_list else [each for each in FORMATS if each not in OF_ROWS]
        choices = [Choice(each, each, HINTS[each], key=KEYS[each]) for each in kinds]
        picker = Picker("export as", choices, ascii_only=self._app.ascii_only)
        self._app.push_screen(picker, self._kind_picked)

    def _kind_picked(self, kind: str | None) -> None:
        if kind is None:
            return
        name = self._app.front.body.address.view
        ask = Ask(
            f"Export as {kind}",
            "the file to write; a new one, in a folder that is there",
            value=f"{name}.{kind}",
            check=self.check_file,
        )
        self._app.push_screen(ask, lambda text: self.export(text) if text else None)

    def check_file(self, text: str) -> tuple[Path, Format]:
        """Where to write, and what.

        Raises:
            InvalidSpec: no such format, no such folder, or there is something already.
        """
        kind, path = format_of(text), typed_path(text)
        if kind in OF_ROWS and not self._is_list:
            raise InvalidSpec(
                f"this view is no list of jobs: export it as svg or txt, not {kind}"
            )
        if not path.parent.is_dir():
            raise InvalidSpec(f"there is no folder {path.parent}", field="file")
        if path.exists():
            raise InvalidSpec(f"{path} is there already", field="file")
        return path, kind

    def export(self, text: str) -> None:
        """Write the list or a picture to this file. Raises InvalidSpec as `check_file`."""
        path, kind = self.check_file(text)
        if kind not in OF_ROWS:
            shown = picture(self._app, kind)  # type: ignore[arg-type]
            return self._told(path, partial(path.write_text, shown), "this screen")
        view = self._app.jobs_view
        look = view.look if view is not None else Look()
        self._app.run_worker(
            self._export_rows(path, kind, look), group="export", exit_on_error=False
        )
        return None

    async def _export_rows(self, path: Path, kind: Format, look: Look) -> None:
        """All rows that match, page by page, into a draft that becomes the file at the end."""
        count = 0
        try:
            with drafted(path) as target:
                target.write(exporting.head(kind))
                after: int | None = None
                while count == 0 or after is not None:
                    page = await self._app.feed.at_moment.call(_ask(look, after))
                    target.write(exporting.body(kind, page.jobs, first=count == 0))
                    count += len(page.jobs)
                    after = page.next
                    self._app.say(f"{path.name}: {count:,} of {page.total:,} jobs")
                    if not page.jobs:
                        break
                target.write(exporting.tail(kind))
        except (OSError, EngineError) as trouble:
            why = trouble.message if isinstance(trouble, EngineError) else trouble.strerror
            return self._app.say(f"{path.name}: {why}", True)
        return self._app.say(f"{count:,} jobs written to {path}")

    def _told(self, path: Path, write: Callable[[], object], what: str) -> None:
        try:
            write()
        except OSError as trouble:
            return self._app.say(f"{path}: {trouble.strerror}", True)
        return self._app.say(f"{what} written to {path}")

    @property
    def _is_list(self) -> bool:
        return self._app.front.body is self._app.jobs_view


def _ask(look: Look, after: int | None) -> ListJobs:
    return ListJobs(
        where=look.query,
        sort=look.sort,
        descending=look.descending,
        after=after,
        count=PAGE,
        fold=look.folds,
    )
