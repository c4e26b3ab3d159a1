"""The verb that searches logs: `:grep`."""

from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.addresses import LOGS, parse_address
from crabtui.verbs.verb import CarryOut, Command, Verb
from engine.model.log_pattern import parse_pattern

if TYPE_CHECKING:
    from crabtui.desk import Desk


def _grep(app: "Desk", command: Command) -> CarryOut:
    return partial(app.log_searching.grep, command.rest, parse_pattern(command.rest))


def _logs(app: "Desk", command: Command) -> CarryOut:
    if not command.rest:
        return app.log_keeping.do_logs_of_marked
    words = ",".join(command.rest.replace(",", " ").replace("#", "").split())
    return partial(app.travel.visit, parse_address(f"{LOGS}/{words}"))


VERBS: Final = (
    Verb(
        name="logs",
        use="[ID …]",
        help="the logs of these jobs, or of those that are marked, in one",
        prepare=_logs,
    ),
    Verb(
        name="grep",
        use="TEXT|/REGEX/",
        help="search the logs of all jobs that are listed here",
        prepare=_grep,
        wants=1,
    ),
)
