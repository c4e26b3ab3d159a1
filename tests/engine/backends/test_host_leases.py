"""Leases on hosts, under every shell: what is not told to go on ends in time, for certain."""

import asyncio
import time

from engine.policy.jobs.partitions import gives_up_after_ms
from tests.engine.backends.hands import Hands
from tests.engine.backends.test_shells import hands, shell  # noqa: F401

LEASE_MS = 1_000
GRACE_MS = 200

STUBBORN = "trap '' TERM HUP INT; echo ready; while :; do sleep 60; done"
"""It leaves for nothing but KILL."""


async def test_it_ends_before_anybody_gives_up_and_lasts_for_as_long_as_it_is_renewed(
    hands: Hands,  # noqa: F811
) -> None:
    backend, epoch = hands.backend, hands.epoch
    kept = await hands.sh(STUBBORN, lease_ms=LEASE_MS, grace_ms=GRACE_MS)
    left = await hands.sh(STUBBORN, lease_ms=LEASE_MS, grace_ms=GRACE_MS)
    began_s = time.monotonic()
    ending = asyncio.ensure_future(hands.end(left))
    while not ending.done():
        assert await backend.renew([kept.attempt], epoch) == [kept.attempt]
        await asyncio.wait({ending}, timeout=0.05)
    took_ms = (time.monotonic() - began_s) * 1000
    assert LEASE_MS * 0.8 < took_ms < gives_up_after_ms(LEASE_MS, GRACE_MS)
    assert (ending.result().signal, ending.result().why) == (9, "lease")
    assert await backend.renew([kept.attempt, left.attempt], epoch) == [kept.attempt]
    began_s = time.monotonic()
    assert (await hands.end(kept)).why == "lease"
    assert (time.monotonic() - began_s) * 1000 > LEASE_MS * 0.8
