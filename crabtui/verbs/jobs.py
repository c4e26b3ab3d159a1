"""Verbs that change jobs."""

from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.verbs.filters import filters
from crabtui.verbs.verb import CarryOut, Command, Verb

if TYPE_CHECKING:
    from crabtui.desk import Desk


def _cancel(app: "Desk", command: Command) -> CarryOut:
    return partial(app.command_bar.cancel_all, app.filtering.in_zone(command.rest))


def _edit(app: "Desk", command: Command) -> CarryOut:
    return app.changing.edit_line(command.rest)


def _clone(app: "Desk", command: Command) -> CarryOut:
    return app.changing.clone_line(command.rest)


VERBS: Final = (
    Verb(
        name="cancel",
        use="FILTER",
        help="cancel all that match (asks first)",
        prepare=_cancel,
        complete=filters,
        wants=1,
    ),
    Verb(
        name="edit",
        use="KEY=VALUE …",
        help="change the jobs here that have not started",
        prepare=_edit,
        wants=1,
    ),
    Verb(
        name="clone",
        use="[KEY=VALUE …]",
        help="submit a copy of the job here",
        prepare=_clone,
    ),
)
