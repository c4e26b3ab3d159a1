"""Why a worker takes nothing, and what is with a job whose host is silent, in words."""

from dataclasses import replace as with_parts
from typing import Any

import pytest
from msgspec.structs import replace

from engine.model.limits import Partition, Restart
from engine.model.link import Link, LinkState, Tripped
from engine.model.reasons import Gate, GateKind
from engine.model.snapshot import Holder, Room, Snapshot
from engine.model.states import State
from engine.model.worker import BreakerState, Health
from engine.policy.why.explain import explain
from tests.kit.build import NOW, SECOND, a_job, a_snapshot, a_starting_job, a_worker

OPEN: dict[str, Any] = {"breaker": BreakerState.OPEN, "permits": 0}
HALF: dict[str, Any] = {"breaker": BreakerState.HALF_OPEN, "permits": 0}

LOST = Link(
    state=LinkState.LOST,
    since_at=NOW - 41 * SECOND,
    next_try_at=NOW + 12 * SECOND,
    error="connection refused",
    tried=True,
)
REFUSED = Link(
    state=LinkState.REFUSED,
    since_at=NOW - 41 * SECOND,
    error="host key of gpu3 unknown",
    tried=True,
)
TAKEN = Link(
    state=LinkState.REFUSED, since_at=NOW, error="give it a spool", spool_taken=True, tried=True
)
TRIPPED = Tripped(failures=5, why="no space", until_at=NOW + 38 * SECOND)


def seen(
    *, link: Link | None = None, tripped: Tripped | None = None, **worker: Any
) -> tuple[Gate, Snapshot]:
    """The WORKER gate of a job that only `gpu3` could hold, in this condition."""
    job = a_job()
    snapshot = with_parts(
        a_snapshot(job, workers=[a_worker("gpu3", **worker)]),
        links={"gpu3": link} if link else {},
        tripped={"gpu3": tripped} if tripped else {},
    )
    gates = explain(job, snapshot)
    return next(gate for gate in gates if gate.kind is GateKind.WORKER), snapshot


@pytest.mark.parametrize(
    ("condition", "text", "remedy"),
    [
        (
            {"health": Health.DOWN, "link": LOST},
            "`gpu3` is down: no link since 41s, next try in 12s (connection refused)",
            "crabtui workers reconnect gpu3",
        ),
        (
            {"health": Health.DOWN, "link": REFUSED},
            "`gpu3` is refused: host key of gpu3 unknown",
            "crabtui workers reconnect gpu3",
        ),
        (
            {"health": Health.DOWN, "link": TAKEN},
            "`gpu3` is refused: give it a spool",
            "crabtui workers",
        ),
        (
            {**OPEN, "tripped": TRIPPED},
            "`gpu3` is kept back: breaker open for 38s (5 failures in a row: no space)",
            "crabtui workers reset gpu3",
        ),
        (
            {"quarantined": "it fails everything"},
            "`gpu3` is quarantined: it fails everything",
            "crabtui workers release gpu3",
        ),
        ({"draining": True}, "`gpu3` is draining", "crabtui workers resume gpu3"),
        ({"health": Health.DOWN}, "`gpu3` is down", "crabtui workers"),
        (
            {"draining": True, "quarantined": "x"},
            "`gpu3` is quarantined: x",
            "crabtui workers",
        ),
    ],
)
def test_a_worker_that_takes_nothing_says_why_and_what_helps(
    condition: dict[str, Any], text: str, remedy: str
) -> None:
    gate, _ = seen(**condition)
    assert not gate.ok
    assert (gate.text, gate.remedy) == (text, remedy)


def test_an_open_breaker_says_when_it_is_tried_again() -> None:
    gate, _ = seen(**OPEN, tripped=TRIPPED)
    assert gate.next_change_at == NOW + 38 * SECOND


def test_without_permits_the_worker_is_full_and_not_shut() -> None:
    gate, snapshot = seen(**HALF)
    assert gate.ok
    [job] = snapshot.lanes[0].jobs
    fit = next(gate for gate in explain(job, snapshot) if gate.kind is GateKind.FIT)
    assert fit.text == "no room: `gpu3` has no permit left while its breaker is half-open"
    assert fit.remedy == "crabtui workers reset gpu3"


def silent(
    job_fields: dict[str, Any],
    now: dict[str, Any] | None = None,
    link: Link = LOST,
    **holder: Any,
) -> Gate:
    """The STATE gate of a job that was running on a host which says nothing any more."""
    progress = {"unreachable_at": NOW - 41 * SECOND, **(now or {})}
    job = a_job(state=State.RUNNING, now=progress, **job_fields)
    held = Holder(job.id, "local", "default", None, NOW - 60 * SECOND, **holder)
    snapshot = with_parts(a_snapshot(), holders=[held], links={"local": link})
    [gate] = explain(job, snapshot)
    return gate


def test_a_silent_job_that_keeps_waits_for_ever_with_a_clock() -> None:
    gate = silent({}, evidence_at=NOW - 43 * SECOND)
    assert gate.text == (
        "it was running when it was last seen; `local` is silent since 41s, its last proof "
        "of life; it waits for its host for as long as that takes (on_partition: keep)"
    )
    assert gate.remedy == "crabtui workers reconnect local"
    assert gate.next_change_at is None


def test_a_job_whose_spool_another_daemon_has_is_not_to_be_reconnected() -> None:
    gate = silent({}, link=TAKEN)
    assert "its last proof of life; another daemon has its spool; it waits" in gate.text
    assert gate.remedy == "crabtui workers"


def test_a_cancel_waits_for_the_host_or_for_the_end_of_the_lease() -> None:
    canceled = {"stopping": True, "cancel_by": "ana"}
    gate = silent({}, canceled)
    assert gate.text.endswith("; it is told to end as soon as its host answers")
    gate = silent({"on_partition": Partition.REPLACE}, canceled, gives_up_at=NOW + 9 * SECOND)
    assert gate.text.endswith(
        "in 9s its host has certainly ended it by itself, and it is canceled"
    )


def test_a_lease_that_is_over_is_not_about_to_be() -> None:
    gate = silent({"on_partition": Partition.REPLACE}, gives_up_at=NOW - SECOND)
    assert "; its host has certainly ended it by itself by now, and" in gate.text


@pytest.mark.parametrize(
    ("restart", "then"), [(Restart.SAFE, "it runs elsewhere"), (Restart.ASK, "it is lost")]
)
def test_a_silent_job_that_is_replaced_says_when(restart: Restart, then: str) -> None:
    fields = {"on_partition": Partition.REPLACE, "restart": restart}
    gate = silent(fields, gives_up_at=NOW + 9 * SECOND)
    assert gate.text.endswith(f"in 9s its host has certainly ended it by itself, and {then}")
    assert gate.next_change_at == NOW + 9 * SECOND


def test_a_start_that_nobody_confirmed_is_in_doubt() -> None:
    job = a_starting_job(on_partition=Partition.REPLACE)
    job = job.with_progress(replace(job.now, unreachable_at=NOW - 5 * SECOND))
    snapshot = replace_rooms(a_snapshot())
    gate = explain(job, snapshot)[0]
    assert gate.kind is GateKind.STATE
    assert "has started is not known; `local` is silent since 5s" in gate.text
    assert gate.text.endswith("(its start was not confirmed)")


def replace_rooms(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the worker on which the job is thought to be."""
    return with_parts(snapshot, rooms={"local": Room(a_worker())})
