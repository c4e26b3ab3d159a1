"""Verbs about who did what, and about where the console looks."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.data.suggest import Suggestion
from crabtui.verbs.verb import CarryOut, Command, Verb, offer

if TYPE_CHECKING:
    from crabtui.desk import Desk


def _audit(app: "Desk", _: Command) -> CarryOut:
    return app.administering.do_audit


def _halt(app: "Desk", _: Command) -> CarryOut:
    return app.administering.do_halt


def _context(app: "Desk", command: Command) -> CarryOut:
    if not command.rest:
        return app.administering.do_contexts
    return partial(app.administering.switch, app.administering.context(command.rest))


def _complete(app: "Desk", rest: str) -> Sequence[Suggestion]:
    return offer([(name, "") for name in app.administering.context_names()], rest)


VERBS: Final = (
    Verb(name="audit", use="", help="who did what, and what it changed", prepare=_audit),
    Verb(
        name="context",
        use="[NAME]",
        help="look at another place that the configuration names",
        prepare=_context,
        complete=_complete,
    ),
    Verb(
        name="halt",
        use="",
        help="have acts on many that go on leave the rest alone",
        prepare=_halt,
    ),
)
