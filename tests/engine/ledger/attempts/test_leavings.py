"""What an end says of outputs and caches: what was seen, and nothing of what was not."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.backends.protocol import CacheUse, HostState, Report
from engine.ledger.attempts.leavings import leavings_of
from engine.ledger.memory.live import Live
from engine.model.keeping import Collected, Output
from engine.model.outcome import Verdict
from engine.store.keeping import Leavings
from tests.kit.build import NOW, a_job, an_attempt

OUT = (Output(path="a.txt"),)
HIT = CacheUse(name="pip", is_hit=True, restore_ms=40, size_bytes=7)
MISS = CacheUse(name="npm", is_hit=False, store_ms=90)


def left(
    outputs: tuple[Output, ...] = OUT,
    verdict: Verdict = Verdict.SUCCEEDED,
    **facts: Any,
) -> Leavings | None:
    job = a_job("make", outputs=outputs)
    attempt = an_attempt(job)
    over = replace(attempt, started_at=NOW, ended_at=NOW + 2_000_000, verdict=verdict)
    said: dict[str, Any] = {"attempt": attempt.id, "state": HostState.EXITED, "code": 0} | facts
    return leavings_of(Live(attempt, job), Report(**said), over, NOW)


@pytest.mark.parametrize("facts", [{}, {"code": 1}, {"code": None, "signal": 9}])
def test_outputs_are_owed_by_whoever_ran(facts: dict[str, Any]) -> None:
    found = left(**facts)
    assert found is not None
    [one] = found.collections
    assert (one.state, one.at) == (Collected.OWED, NOW)


@pytest.mark.parametrize(
    "facts",
    [
        {"outputs": ()},
        {"code": None, "why": "nospawn"},
        {"state": HostState.LOST, "code": None},
        {"state": HostState.VOID, "code": None},
    ],
)
def test_nothing_is_owed_by_what_did_not_run(facts: dict[str, Any]) -> None:
    assert left(**facts) is None


def test_caches_of_a_success_are_counted_with_how_long_it_ran() -> None:
    found = left(outputs=(), caches=(HIT, MISS))
    assert found is not None
    hit, miss = found.counts
    assert (hit.name, hit.hits, hit.misses, hit.restore_ms) == ("pip", 1, 0, 40)
    assert (hit.hit_run_ms, hit.miss_run_ms, hit.size_bytes) == (2_000, 0, 7)
    assert (miss.hits, miss.misses, miss.store_ms) == (0, 1, 90)
    assert (miss.hit_run_ms, miss.miss_run_ms) == (0, 2_000)


def test_caches_of_a_failure_say_nothing_of_time_saved() -> None:
    assert left(outputs=(), verdict=Verdict.FAILED, code=1, caches=(HIT,)) is None
