"""The verb that searches logs: `:grep`."""

from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.verbs.verb import CarryOut, Command, Verb
from engine.model.log_pattern import parse_pattern

if TYPE_CHECKING:
    from crabtui.desk import Desk


def _grep(app: "Desk", command: Command) -> CarryOut:
    return partial(app.log_searching.grep, command.rest, parse_pattern(command.rest))


VERBS: Final = (
    Verb(
        name="grep",
        use="TEXT|/REGEX/",
        help="search the logs of all jobs that are listed here",
        prepare=_grep,
        wants=1,
    ),
)
