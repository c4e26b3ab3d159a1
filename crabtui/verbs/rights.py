"""Verbs that give and take the right to act."""

from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.commands import parse_span_s
from crabtui.verbs.verb import CarryOut, Command, Verb

if TYPE_CHECKING:
    from crabtui.desk import Desk


def _arm(app: "Desk", command: Command) -> CarryOut:
    return partial(app.command_bar.arm, parse_span_s(command.rest or "10m"))


def _disarm(app: "Desk", _: Command) -> CarryOut:
    return app.command_bar.disarm


VERBS: Final = (
    Verb(
        name="arm",
        use="[10m]",
        help="allow acts in a read-only console for a while",
        prepare=_arm,
    ),
    Verb(name="disarm", use="", help="read-only again", prepare=_disarm),
)
