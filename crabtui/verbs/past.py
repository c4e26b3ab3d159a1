"""Verbs that lead to a moment of the past, and back."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.data.suggest import Suggestion
from crabtui.verbs.verb import CarryOut, Command, Verb, offer

if TYPE_CHECKING:
    from crabtui.desk import Desk

AGO: Final = ("-1m", "-5m", "-15m", "-1h", "-6h", "-1d")


def _at(app: "Desk", command: Command) -> CarryOut:
    return partial(app.past.go, app.past.read(command.rest))


def _live(app: "Desk", _: Command) -> CarryOut:
    return app.past.do_live


def _ago(_: "Desk", rest: str) -> Sequence[Suggestion]:
    return offer([(text, "") for text in AGO], rest)


VERBS: Final = (
    Verb(
        name="at",
        use="TIME",
        help="show everything as it was: 13:46:58, -15m, an ISO instant, #88214",
        prepare=_at,
        complete=_ago,
        wants=1,
    ),
    Verb(name="live", use="", help="come back from the past", prepare=_live),
)
