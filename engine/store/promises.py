"""What the scheduler wrote down for the next daemon: its promises, its counts, its modes."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from engine.model.rules import Mode
from engine.model.snapshot import Bucket, Carried, Inversion, LaneKey, Passed, Reservation


class _Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`Carried`, in types that JSON has."""

    grants: int = 0
    passed: Sequence[tuple[LaneKey, Passed]] = ()
    buckets: Mapping[str, Bucket] = {}
    reservations: Sequence[Reservation] = ()
    inversions: Sequence[Inversion] = ()


_json: Final = msgspec.json.Encoder()
_modes: msgspec.json.Decoder[dict[str, Mode]] = msgspec.json.Decoder(dict[str, Mode])
_kept: msgspec.json.Decoder[_Kept] = msgspec.json.Decoder(_Kept)


def carried_body(carried: Carried) -> bytes:
    """All of it but the credits, as JSON."""
    kept = _Kept(
        grants=carried.grants,
        passed=list(carried.passed.items()),
        buckets=carried.buckets,
        reservations=carried.reservations,
        inversions=carried.inversions,
    )
    return _json.encode(kept)


def carried(body: bytes) -> Carried:
    """What `carried_body` was made from."""
    kept = _kept.decode(body)
    return Carried(
        grants=kept.grants,
        passed=dict(kept.passed),
        buckets=kept.buckets,
        reservations=tuple(kept.reservations),
        inversions=tuple(kept.inversions),
    )


def modes(body: bytes) -> dict[str, Mode]:
    """Modes by queue, from their JSON."""
    return _modes.decode(body)
