"""Verbs that change workers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from crabtui.data.suggest import Suggestion
from crabtui.verbs.verb import CarryOut, Command, Verb, offer

if TYPE_CHECKING:
    from crabtui.desk import Desk


def worker_names(app: "Desk", rest: str) -> Sequence[Suggestion]:
    """The workers that were seen here."""
    known = app.filtering.values(f"worker:{rest.rpartition(' ')[2]}").get("worker", {})
    return offer([(name, "") for name in known], rest)


def _drain(app: "Desk", command: Command) -> CarryOut:
    name, _, why = command.rest.partition(" ")
    return app.changing.drain_line(name, drain=command.verb == "drain", why=why.strip())


VERBS: Final = (
    Verb(
        name="drain",
        use="WORKER [REASON]",
        help="no new job starts there",
        prepare=_drain,
        complete=worker_names,
        wants=1,
    ),
    Verb(
        name="undrain",
        use="WORKER",
        help="jobs start there again",
        prepare=_drain,
        complete=worker_names,
        wants=1,
    ),
)
