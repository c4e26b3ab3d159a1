"""The orders in which jobs can be listed, as SQL over the columns of `jobs`."""

from dataclasses import dataclass
from typing import Final

from engine.errors import InvalidSpec
from engine.model.sorts import SORTS
from engine.model.states import State
from engine.model.words import unknown


@dataclass(frozen=True, slots=True)
class Term:
    """One expression of an order. Jobs without a value come last, either way."""

    sql: str
    always_up: bool = False
    """It keeps its direction in a descending order."""


def _nullable(column: str) -> tuple[Term, ...]:
    return (Term(f"({column} IS NULL)", always_up=True), Term(column))


_STATE: Final = (
    "(CASE state "
    + " ".join(f"WHEN '{state.value}' THEN {place}" for place, state in enumerate(State))
    + " END)"
)

TERMS: Final = {
    "activity": (Term("rank"), Term("rank_key")),
    "id": (),
    "name": (Term("name"),),
    "queue": (Term("queue"),),
    "priority": (Term("priority"),),
    "state": (Term(_STATE),),
    "created": (Term("created_at"),),
    "started": _nullable("started_at"),
    "ended": _nullable("ended_at"),
    "worker": _nullable("worker"),
}
"""What each of SORTS compares before the ids."""


@dataclass(frozen=True, slots=True)
class Order:
    """A total order of all jobs."""

    terms: tuple[Term, ...]
    descending: bool

    @property
    def by(self) -> str:
        """What stands behind ORDER BY."""
        return ", ".join(f"{term.sql} {self._direction(term)}" for term in self.terms)

    @property
    def columns(self) -> str:
        """The values that give a job its place."""
        return ", ".join(term.sql for term in self.terms)

    @property
    def keys(self) -> str:
        """The same values with names, the id last: for a list that is merged from parts."""
        return ", ".join(f"{term.sql} AS key_{n}" for n, term in enumerate(self.terms))

    @property
    def by_keys(self) -> str:
        """What stands behind ORDER BY there."""
        pairs = enumerate(self.terms)
        return ", ".join(f"key_{n} {self._direction(term)}" for n, term in pairs)

    def _direction(self, term: Term) -> str:
        return "DESC" if self.descending and not term.always_up else "ASC"

    def before(self, place: tuple[object, ...]) -> tuple[str, dict[str, object]]:
        """A condition that holds for the jobs which stand before `place`."""
        if not any(term.always_up for term in self.terms):
            return self._before_in_a_row(place)
        alternatives: list[str] = []
        same: list[str] = []
        for number, term in enumerate(self.terms):
            sign = ">" if self._direction(term) == "DESC" else "<"
            name = f":place_{number}"
            alternatives.append(" AND ".join([*same, f"{term.sql} {sign} {name}"]))
            same.append(f"{term.sql} IS {name}")
        condition = " OR ".join(f"({one})" for one in alternatives)
        return f"({condition})", self._names(place)

    def _before_in_a_row(self, place: tuple[object, ...]) -> tuple[str, dict[str, object]]:
        """The same as one comparison of rows, which an index can answer; for no NULL."""
        sign = ">" if self._direction(self.terms[0]) == "DESC" else "<"
        names = self._names(place)
        marks = ", ".join(f":{name}" for name in names)
        return f"(({self.columns}) {sign} ({marks}))", names

    @staticmethod
    def _names(place: tuple[object, ...]) -> dict[str, object]:
        return {f"place_{number}": value for number, value in enumerate(place)}


def order(sort: str, *, descending: bool) -> Order:
    """The order called `sort`.

    Raises:
        InvalidSpec: there is none of this name.
    """
    if sort not in SORTS:
        error: InvalidSpec = unknown("sort", sort, SORTS, field="sort")
        raise error
    return Order((*TERMS[sort], Term("id")), descending)
