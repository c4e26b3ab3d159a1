"""What wants attention, ranked; what is acknowledged sinks until it becomes worse."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from engine.model.attention import Acknowledged, Matter

HOUR_US: Final = 3_600_000_000
KEPT: Final = 500
"""Acknowledgements that are kept; of more the oldest are forgotten."""

Known = Mapping[str, Acknowledged]


def holds(known: Acknowledged, matter: Matter, now_at: int) -> bool:
    """Whether an acknowledgement still covers the matter.

    It does for its time, unless the rank rises or what is affected doubles.
    """
    is_worse = matter.rank < known.rank or matter.affected >= 2 * max(known.affected, 1)
    return now_at < known.until_at and not is_worse


def marked(matters: Iterable[Matter], known: Known, now_at: int) -> list[Matter]:
    """The matters, each with who knows of it already."""
    return [_marked(matter, known.get(matter.key), now_at) for matter in matters]


def _marked(matter: Matter, known: Acknowledged | None, now_at: int) -> Matter:
    if known is None or not holds(known, matter, now_at):
        return matter
    return replace(matter, acknowledged_by=known.by, acknowledged_until_at=known.until_at)


def ranked(matters: Iterable[Matter]) -> list[Matter]:
    """What nobody knows of first, by rank; inside a rank most affected, then oldest."""
    return sorted(matters, key=_place)


def _place(matter: Matter) -> tuple[bool, int, int, int, str]:
    since_at = matter.since_at if matter.since_at is not None else 2**63
    is_known = bool(matter.acknowledged_by)
    return is_known, matter.rank, -matter.affected, since_at, matter.key


def steady(matters: Sequence[Matter], before: Sequence[str]) -> list[Matter]:
    """The ranked matters, those that were in sight in the order that they had.

    What is new is put where its rank belongs among them: nothing moves under a hand.

    Args:
        matters: As `ranked` has them.
        before: Keys in the order of the last answer.
    """
    places = {key: place for place, key in enumerate(before)}
    kept = sorted(
        (matter for matter in matters if matter.key in places),
        key=lambda matter: places[matter.key],
    )
    for matter in matters:
        if matter.key not in places:
            kept.insert(_entry(matter, kept), matter)
    return kept


def _entry(matter: Matter, others: Sequence[Matter]) -> int:
    """Where a new one goes: before the first that matters less."""
    own = _place(matter)
    return next((n for n, other in enumerate(others) if own < _place(other)), len(others))


def acknowledged(known: Known, matter: Matter, by: str, now_at: int) -> dict[str, Acknowledged]:
    """All acknowledgements, with one of this matter as it is now, for an hour."""
    one = Acknowledged(
        key=matter.key,
        rank=matter.rank,
        affected=matter.affected,
        by=by,
        at=now_at,
        until_at=now_at + HOUR_US,
    )
    live = {key: old for key, old in known.items() if old.until_at > now_at}
    live.pop(matter.key, None)
    return dict([*live.items(), (matter.key, one)][-KEPT:])


def withdrawn(known: Known, keys: Collection[str]) -> dict[str, Acknowledged]:
    """All acknowledgements but those of these matters."""
    return {key: one for key, one in known.items() if key not in keys}
