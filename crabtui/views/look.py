"""How a job table looks at its list: filter, sort, and what narrows it for a moment."""

import re
from dataclasses import dataclass, replace
from typing import Final

from engine.model.filter import And, parse
from engine.model.sorts import SORTS

PROBLEMS: Final = "state:failed,timeout,retrying"
"""What `!` leaves in the table."""

BY_ONE: Final = re.compile(r"\b(id|worker|exit|array|shape|unmet)\b\s*(?=[:=!<>~])")
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
        return (*self.terms, *narrowed)

    @property
    def terms(self) -> tuple[str, ...]:
        """The filter's own parts."""
        root = parse(self.where).root
        if root is None:
            return ()
        return tuple(map(str, root.parts)) if isinstance(root, And) else (str(root),)

    def without(self, chip: int) -> "Look":
        """Without the part at this place among `chips`."""
        terms = self.terms
        if chip < len(terms):
            return replace(self, where=" ".join(terms[:chip] + terms[chip + 1 :]))
        if self.problems and chip == len(terms):
            return replace(self, problems=False)
        return replace(self, only=None)

    def sorted_by(self, sort: str) -> "Look":
        """By this column; the same one again turns it round."""
        if sort == self.sort:
            return replace(self, descending=not self.descending)
        return replace(self, sort=sort, descending=False)

    def stepped(self, by: int) -> "Look":
        """By the next or previous of SORTS."""
        at = SORTS.index(self.sort) if self.sort in SORTS else 0
        return replace(self, sort=SORTS[(at + by) % len(SORTS)], descending=False)
