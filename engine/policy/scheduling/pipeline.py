"""The stages that a grant passes: whose turn it is among queues, classes, tenants, lanes."""

from collections.abc import Callable, Iterable, Mapping

from engine.model.priority import Priority
from engine.model.snapshot import Snapshot
from engine.policy.readiness import queue_of
from engine.policy.scheduling.cursor import Cursor
from engine.policy.scheduling.decisions import Start
from engine.policy.scheduling.fairness import FairContest, Shares
from engine.policy.scheduling.slices import Contest
from engine.policy.scheduling.turns import Fork, Line, Path, Turn


class Pipeline:
    """queue by weight ► class by slices ► tenant by fairness ► lane by sequence."""

    def __init__(
        self, draft: Snapshot, shares: Shares, try_start: Callable[[Cursor], Start | None]
    ) -> None:
        """Start with nobody.

        Args:
            draft: Of the round; with what each contender is owed.
            shares: Of tenants, as they grow in the round.
            try_start: Grants to the head of a lane, if that can be.
        """
        self._draft = draft
        self._shares = shares
        self._try_start = try_start
        self._credits = _by_stage(draft.carried.credits)
        self._first = self._stage(())

    def join(self, cursors: Iterable[Cursor]) -> None:
        """Let these lanes contend from now on."""
        paths: dict[Path, list[Cursor]] = {}
        for cursor in cursors:
            paths.setdefault(cursor.path, []).append(cursor)
        for path, those in paths.items():
            self._first.join(path, those)

    def serve(self) -> Start | None:
        """Grant to the one whose turn it is; None once nobody can take a grant."""
        return self._first.serve()

    def charge(self, path: Path) -> None:
        """Somebody on this path was granted something out of turn."""
        self._first.charge(path)

    def owed(self) -> dict[Path, int]:
        """What every contender is owed after this round."""
        return dict(self._first.owed())

    def _stage(self, path: Path) -> Turn:
        owed = self._credits.get(path, {})
        if len(path) == 0:
            return Fork(path, Contest[str]({}, owed), self._weight, self._stage)  # type: ignore[arg-type]
        if len(path) == 1:
            return Fork(path, Contest[Priority]({}, owed), self._slice, self._stage)  # type: ignore[arg-type]
        if len(path) == 2:
            turns = Contest[str]({}, owed)  # type: ignore[arg-type]
            fair = FairContest(turns, self._shares.of)
            return Fork(path, fair, self._shares.weight, self._stage)
        return Line(path, self._try_start)

    def _weight(self, queue: str) -> int:
        return max(1, queue_of(queue, self._draft).weight)

    def _slice(self, priority: Priority) -> int:
        return max(1, self._draft.rules.shares[priority])


def _by_stage(credits_: Mapping[Path, int]) -> dict[Path, dict[object, int]]:
    found: dict[Path, dict[object, int]] = {}
    for path, amount in credits_.items():
        found.setdefault(path[:-1], {})[path[-1]] = amount
    return found
