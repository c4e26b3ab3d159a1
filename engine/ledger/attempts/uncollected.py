"""Ends that hosts have told, of attempts that may have left something there to read first."""

from dataclasses import dataclass, field

from engine.backends.protocol import HostState, Report
from engine.ledger.memory.live import Live
from engine.model.ids import AttemptId
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.wake import Wake


@dataclass(slots=True)
class Pile:
    """What is still to be read on one worker."""

    reports: dict[AttemptId, tuple[Report, Job]] = field(default_factory=dict)
    wake: Wake = field(default_factory=Wake)


class Uncollected:
    """Keeps such ends back until they have been read: then they are reported anew."""

    def __init__(self) -> None:
        self._piles: dict[str, Pile] = {}

    def pile(self, worker: str) -> Pile:
        """That of one worker."""
        return self._piles.setdefault(worker, Pile())

    def keeps(self, live: Live, report: Report) -> bool:
        """Whether this end is kept back; whoever reads for that worker is woken."""
        if report.collected or not (
            _ran_to_its_end(report) and leaves(live.job.spec, report.result)
        ):
            return False
        pile = self.pile(live.attempt.worker)
        pile.reports[report.attempt] = report, live.job
        pile.wake.knock()
        return True


def leaves(spec: JobSpec, result: bytes | None = None) -> bool:
    """Whether something is to be looked at before an end of it counts: mostly on its host.

    Args:
        spec: Of its job.
        result: What its host has sent along; None: nothing, and so there may be one.
    """
    has_inputs = spec.memo is not None and bool(spec.memo.inputs)
    wants = spec.wants_result and result is None
    return wants or has_inputs or bool(spec.caches or spec.outputs)


def _ran_to_its_end(report: Report) -> bool:
    """Whether its host saw a process of it end: then there may be something to read."""
    has_ended = report.code is not None or report.signal is not None
    return report.state is HostState.EXITED and has_ended
