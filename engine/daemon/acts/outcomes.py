"""Outcomes: what became of each object of an act, kept small enough for a million."""

from array import array
from collections.abc import Iterator

from engine.control.views import Result

KINDS = 1_000
"""Different outcomes of one act that are told apart; beyond that they are just refused."""

MANY = "it was refused, as were others, each for a reason of its own"

Kind = tuple[bool, str | None, str | None, str | None]
"""Whether it was done, how it was, how it is, and why not with `#` for its number."""

_ID = "\0"


class Outcomes:
    """Groups objects by what became of them; most acts come to a few groups."""

    def __init__(self) -> None:
        self._jobs: dict[Kind, array[int]] = {}
        self._named: list[Result] = []
        self.number = 0

    def add(self, result: Result) -> None:
        """Take in one object."""
        self.number += 1
        if isinstance(result.id, str):
            self._named.append(result)
            return
        error = None if result.error is None else _general(result.error, result.id)
        kind = (result.ok, result.was, result.now, error)
        if kind not in self._jobs and len(self._jobs) >= KINDS:
            kind = (result.ok, None, None, None if result.ok else MANY)
        self._jobs.setdefault(kind, array("q")).append(result.id)

    def page(self, offset: int, limit: int, *, refused: bool = False) -> list[Result]:
        """Some of them from a place on, those that were refused first.

        Args:
            offset: From 0.
            limit: So many at most.
            refused: Only what was refused.
        """
        found: list[Result] = []
        for some in self._runs(refused=refused):
            if offset >= len(some):
                offset -= len(some)
                continue
            found += some.cut(offset, limit - len(found))
            offset = 0
            if len(found) >= limit:
                break
        return found

    def _runs(self, *, refused: bool) -> Iterator["_Run"]:
        for is_done in (False, True)[: 1 if refused else 2]:
            named = [one for one in self._named if one.ok is is_done]
            yield _Run(None, named)
            for kind, ids in self._jobs.items():
                if kind[0] is is_done:
                    yield _Run(kind, ids)


class _Run:
    """Objects of one kind."""

    def __init__(self, kind: Kind | None, some: "list[Result] | array[int]") -> None:
        self._kind = kind
        self._some = some

    def __len__(self) -> int:
        return len(self._some)

    def cut(self, offset: int, limit: int) -> list[Result]:
        return [self._result(one) for one in self._some[offset : offset + limit]]

    def _result(self, one: Result | int) -> Result:
        if isinstance(one, Result) or self._kind is None:
            assert isinstance(one, Result)
            return one
        ok, was, now, error = self._kind
        error = None if error is None else error.replace(_ID, f"#{one}")
        return Result(id=one, ok=ok, was=was, now=now, error=error)


def _general(error: str, job: int) -> str:
    """The words of an error without the number of its job, as those of its neighbours."""
    head, found, tail = error.partition(f"#{job}")
    return f"{head}{_ID}{tail}" if found and not tail[:1].isdigit() else error
