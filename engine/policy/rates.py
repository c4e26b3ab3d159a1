"""Token buckets, in whole millionths of a token: no rounding, no drift."""

from collections.abc import Mapping
from typing import Final, TypeVar

from engine.model.rules import Rate
from engine.model.snapshot import Bucket

K = TypeVar("K")

TOKEN: Final = 1_000_000


def level(rate: Rate, bucket: Bucket | None, now_at: int) -> int:
    """Millionths of tokens in a bucket now; who has no bucket yet has a full one.

    A clock that went back adds nothing and takes nothing; see `rebased`.
    """
    most = rate.burst * TOKEN
    if bucket is None:
        return most
    elapsed_us = max(0, now_at - bucket.at)
    return min(most, bucket.level + elapsed_us * rate.tokens * 1000 // rate.per_ms)


def rebased(buckets: Mapping[K, Bucket], now_at: int) -> dict[K, Bucket]:
    """The same buckets; after a clock went back they fill from now on, and not from then."""
    return {
        key: bucket if bucket.at <= now_at else Bucket(bucket.level, now_at)
        for key, bucket in buckets.items()
    }


def has_token(rate: Rate, bucket: Bucket | None, now_at: int, count: int = 1) -> bool:
    """Whether `count` tokens could be taken now."""
    return level(rate, bucket, now_at) >= count * TOKEN


def take(rate: Rate, bucket: Bucket | None, now_at: int, count: int = 1) -> Bucket:
    """The bucket without `count` tokens; it may not go below zero."""
    left = level(rate, bucket, now_at) - count * TOKEN
    if left < 0:
        raise ValueError(f"{count} tokens from a bucket that has not so many")
    return Bucket(left, now_at)


def give_back(rate: Rate, bucket: Bucket) -> Bucket:
    """The bucket as if one token had not been taken; never more than full."""
    return Bucket(min(rate.burst * TOKEN, bucket.level + TOKEN), bucket.at)


def next_token_at(rate: Rate, bucket: Bucket | None, now_at: int, count: int = 1) -> int | None:
    """When `count` tokens can be taken; `now_at` if they can; None if they never fit."""
    if count > rate.burst:
        return None
    missing = count * TOKEN - level(rate, bucket, now_at)
    if missing <= 0:
        return now_at
    return now_at - (-missing * rate.per_ms // (rate.tokens * 1000))
