"""Judge: write down how workers came to be trusted or not, and let breakers rest their time."""

from functools import partial

from msgspec.structs import replace

from engine.clock import Clock
from engine.ledger.ledger import Ledger
from engine.ledger.trust import Trust, Turn
from engine.model.events import EventType
from engine.model.worker import BreakerState, Worker
from engine.store.protocol import Draft

SHORTEST_S = 0.01


async def judge_workers(trust: Trust, ledger: Ledger, clock: Clock) -> None:
    """Tell and store every turn, and half-open what has rested, for ever."""
    while True:
        left_s = trust.let_rest()
        while trust.turns:
            turn = trust.turns[0]
            await ledger.change_worker(turn.worker, partial(_turned, turn), _event(turn))
            trust.is_written(turn)
        if left_s is None:
            await trust.wake.wait()
        else:
            await trust.wake.wait_at_most(clock, max(left_s, SHORTEST_S))


def _turned(turn: Turn, worker: Worker) -> Worker | None:
    if turn.quarantine:
        return replace(worker, quarantined=turn.quarantine) if not worker.quarantined else None
    return replace(worker, breaker=turn.now)


def _event(turn: Turn) -> Draft:
    if turn.quarantine:
        kind, cause = EventType.WORKER_QUARANTINED, turn.quarantine
        return Draft(type=kind, worker=turn.worker, cause=cause)
    return Draft(
        type=EventType.WORKER_BREAKER,
        worker=turn.worker,
        cause=_cause(turn),
        data={
            "was": turn.was.value,
            "now": turn.now.value,
            "failures": turn.failures,
            "last": turn.why,
        },
    )


def _cause(turn: Turn) -> str:
    match turn.now:
        case BreakerState.CLOSED:
            return "what was tried there went well"
        case BreakerState.HALF_OPEN:
            return "it has rested; a few attempts show whether it works again"
        case _:
            row = "1 failure" if turn.failures == 1 else f"{turn.failures} failures in a row"
            return f"{row}: {turn.why}" if turn.why else row
