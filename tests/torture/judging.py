"""After all of it: what was lost, doubled, untrue, torn, or left behind."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from engine.control.messages import GetStats
from tests.kit.waiting import NotInTimeError, wait_until
from tests.torture import verdict
from tests.torture.far import Workers
from tests.torture.plan import Planned
from tests.torture.storm import ENDS, Report


def judge(
    workers: Workers,
    plans: Sequence[Planned],
    book: Path,
    report: Report,
    others: Collection[str] = (),
) -> None:
    """Wait until all have ended, then count everything that is wrong with `plans`."""
    report.jobs += len(plans) + len(others) + len(others)
    report.runs += sum(plan.runs for plan in plans)
    with workers.daemon.client() as client:

        def ended() -> bool:
            states = client.call(GetStats()).jobs.by_state
            return sum(states.get(state, 0) for state in ENDS) >= len(plans) + len(others)

        try:
            wait_until(ended, timeout_s=90, gap_s=0.1, what="all jobs ended")
        except AssertionError as late:
            report.faults.append(str(late))
        report.faults += verdict.faults(client, plans, book.read_text(), others)
    report.faults += _left_behind(workers)


def _left_behind(workers: Workers) -> list[str]:
    """Processes of jobs that outlived them."""

    def left() -> list[str]:
        return [f"{far.name}: {one}" for far in workers.fars for one in far.jobs()]

    with suppress(NotInTimeError):
        wait_until(lambda: not left(), timeout_s=10)
    return [f"still runs: {text}" for text in left()]
