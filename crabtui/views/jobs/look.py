"""How a job table looks at its list: filter, sort, and what narrows it for a moment."""

import re
from dataclasses import dataclass, replace
from typing import Final

from crabtui.data.table.arranging import AUTOMATIC, Arrangement
from engine.model.filter import And, Or, parse
from engine.model.sorts import SORTS

PROBLEMS: Final = "state:failed,timeout,retrying"
"""What `!` leaves in the table."""

BY_ONE: Final = re.compile(r"\b(id|worker|exit|fp|array|shape|unmet)\b\s*(?=[:=!<>~])")
"""Fields that single members of an array have, and the array as a whole has not."""

MOST_UNFOLDED: Final = 16
"""Arrays that one window of jobs may have unfolded."""

MOST_MARKED: Final = 200
"""Values that one term of a filter may have."""


@dataclass(frozen=True, slots=True)
class Look:
    """Frozen; every change gives another one."""

    where: str = ""
    sort: str = "activity"
    descending: bool = False
    problems: bool = False
    only: tuple[int, ...] | None = None
    """Show these jobs alone."""
    unfolded: tuple[int, ...] = ()
    """Arrays whose members are shown below them."""
    group: str = ""
    """Field by which jobs are counted instead of listed; empty: they are listed."""
    columns: Arrangement = AUTOMATIC

    @property
    def folds(self) -> bool:
        """Whether arrays are one row each: not where single jobs are looked for."""
        return not (self.problems or self.only is not None or BY_ONE.search(self.where))

    def with_array(self, array: int, *, unfolded: bool) -> "Look":
        """With the members of this array shown below it, or not."""
        others = tuple(each for each in self.unfolded if each != array)
        most = others[-(MOST_UNFOLDED - 1) :]
        return replace(self, unfolded=(*most, array) if unfolded else others)

    @property
    def query(self) -> str:
        """The filter that the daemon is asked with."""
        extra = [PROBLEMS] if self.problems else []
        if self.only is not None:
            extra.append("id:" + ",".join(map(str, self.only)))
        if not extra or not self.where:
            return " ".join(extra) or self.where
        return " ".join((f"({self.where})", *extra))

    @property
    def chips(self) -> tuple[str, ...]:
        """What narrows the list, part by part, as it can be taken away."""
        narrowed = [f"! {PROBLEMS}"] if self.problems else []
        if self.only is not None:
            narrowed.append(f"{len(self.only)} marked")
        if self.group:
            narrowed.append(f"% {self.group}")
        return (*self.terms, *narrowed)

    @property
    def terms(self) -> tuple[str, ...]:
        """The filter's own parts."""
        root = parse(self.where).root
        if root is None:
            return ()
        if not isinstance(root, And):
            return (str(root),)
        return tuple(f"({part})" if isinstance(part, Or) else str(part) for part in root.parts)

    def without(self, chip: int) -> "Look":
        """Without the part at this place among `chips`."""
        terms = self.terms
        if chip < len(terms):
            return replace(self, where=" ".join(terms[:chip] + terms[chip + 1 :]))
        narrowings: list[Look] = []
        if self.problems:
            narrowings.append(replace(self, problems=False))
        if self.only is not None:
            narrowings.append(replace(self, only=None))
        if self.group:
            narrowings.append(replace(self, group=""))
        chip -= len(terms)
        return narrowings[chip] if chip < len(narrowings) else self

    def with_term(self, term: str) -> "Look":
        """Narrowed by one more term of a filter; one of the same field goes for `since`."""
        kept = self.terms
        if term.startswith("since:"):
            kept = tuple(each for each in kept if not each.startswith("since:"))
        if isinstance(parse(self.where).root, Or):
            kept = tuple(f"({each})" for each in kept)
        return replace(self, where=" ".join((*kept, term)))

    def without_term(self, field: str) -> "Look":
        """Without the terms that compare this field and nothing else."""
        kept = [each for each in self.terms if not each.startswith(f"{field}:")]
        return replace(self, where=" ".join(kept))

    def listed_as(self, other: "Look") -> bool:
        """Whether the other is about the same rows in the same order, however shown."""
        return replace(self, columns=other.columns, group=other.group) == other

    def sorted_by(self, sort: str) -> "Look":
        """By this column; the same one again turns it round."""
        if sort == self.sort:
            return replace(self, descending=not self.descending)
        return replace(self, sort=sort, descending=False)

    def stepped(self, by: int) -> "Look":
        """By the next or previous of SORTS."""
        at = SORTS.index(self.sort) if self.sort in SORTS else 0
        return replace(self, sort=SORTS[(at + by) % len(SORTS)], descending=False)
