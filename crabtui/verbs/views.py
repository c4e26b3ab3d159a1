"""Verbs about how a list is looked at: saved views, columns, groups, files."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.data.suggest import Suggestion
from crabtui.data.table.arranging import ALL, parse_arrangement
from crabtui.data.table.group_lines import GROUPS
from crabtui.doing.tables import NONE
from crabtui.saved_views import SavedView
from crabtui.verbs.verb import CarryOut, Command, Verb, may_write, offer
from engine.errors import EngineError, InvalidSpec
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk

SAVE, DELETE = "save", "delete"


def _view(app: "Desk", command: Command) -> CarryOut:
    if command.words[0] in (SAVE, DELETE):
        may_write(app)
    match command.words:
        case [word, name] if word == SAVE:
            return _telling(app, partial(app.filtering.save, name))
        case [word, name] if word == DELETE:
            return _telling(app, partial(app.filtering.drop, name))
        case [name] if name not in (SAVE, DELETE):
            return partial(app.filtering.open, _found(app, name))
    raise InvalidSpec("use it so: view NAME, view save NAME, view delete NAME")


def _found(app: "Desk", name: str) -> SavedView:
    try:
        return app.filtering.find(name)
    except EngineError as error:
        raise InvalidSpec(error.message, field="view", nearest=error.nearest) from None


def _telling(app: "Desk", work: CarryOut) -> CarryOut:
    """The work, with its refusal in the status line."""

    def carry_out() -> None:
        try:
            work()
        except EngineError as error:
            app.say(error.message, True)

    return carry_out


def _complete_view(app: "Desk", rest: str) -> Sequence[Suggestion]:
    names = app.filtering.names()
    first, space, _ = rest.partition(" ")
    if space:
        return offer(names, rest, place=1) if first in (SAVE, DELETE) else ()
    words = [(f"{SAVE} ", "under a name"), (f"{DELETE} ", "forget one")]
    return offer([*names, *words], rest)


def _columns(app: "Desk", command: Command) -> CarryOut:
    parse_arrangement(command.rest)
    return partial(app.tables.arrange, command.rest)


def _complete_columns(_: "Desk", rest: str) -> Sequence[Suggestion]:
    named = rest.split()
    names = [(key, "") for key in ("auto", *ALL) if key not in named]
    return offer(names, rest, place=len(rest.rpartition(" ")[0].split()))


def _group(app: "Desk", command: Command) -> CarryOut:
    if command.rest not in (*GROUPS, NONE):
        raise unknown("group", command.rest, (*GROUPS, NONE), field="group")
    return partial(app.tables.group, command.rest)


def _complete_group(_: "Desk", rest: str) -> Sequence[Suggestion]:
    return offer([(field, "") for field in (*GROUPS, NONE)], rest)


def _export(app: "Desk", command: Command) -> CarryOut:
    may_write(app)
    app.tables.check_file(command.rest)
    return partial(app.tables.export, command.rest)


VERBS: Final = (
    Verb(
        name="view",
        use="[save|delete] NAME",
        help="open a saved view; save this one, or forget one",
        prepare=_view,
        complete=_complete_view,
        wants=1,
    ),
    Verb(
        name="columns",
        use="COLUMN[:WIDTH] … | auto",
        help="show these columns of jobs, in this order",
        prepare=_columns,
        complete=_complete_columns,
        wants=1,
    ),
    Verb(
        name="group",
        use="FIELD | none",
        help="count jobs by a field",
        prepare=_group,
        complete=_complete_group,
        wants=1,
    ),
    Verb(
        name="export",
        use="FILE",
        help="write all rows that match (csv, json, jsonl) or this screen (svg, txt)",
        prepare=_export,
        wants=1,
    ),
)
