"""Quarantine: a worker that fails all that it is given, while the same goes well elsewhere.

An honest run of failing jobs must never look like that, so failures alone are no evidence,
however many they are and however fast they came. What counts is comparison: the very same
commands, begun elsewhere between the first and the last of the worker's failures in a row,
and gone well there.
Data that is gone, a service that is down or a broken sweep fail everywhere alike. Commands
that fail now and then are met by a likelihood ratio: how much less likely is what was seen
if the worker is like the others than if it is not? One in a million is taken for proof.

A command that could not even be started is compared with starts of the same program from the
same folder. Attempts lost, canceled or void say nothing here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from engine.model.attempt import Attempt
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.outcome import Verdict
from engine.policy.workers.signs import NO_WORKSPACE

JOBS: Final = 3
"""Of so many different jobs at least: one that is retried is no evidence."""

PROOF: Final = log(1e-6)

SAID: Final = frozenset({Verdict.SUCCEEDED, Verdict.FAILED, Verdict.TIMEOUT, Verdict.UNSPAWNED})
"""Verdicts that say whether something went well."""


@dataclass(frozen=True, slots=True)
class End:
    """An attempt that has ended, as far as it says something of its worker."""

    worker: str
    job: JobId
    work: int
    """The same for the same command with the same environment, input and folder."""
    program: int
    """The same for the same program in the same folder."""
    began_at: int
    is_good: bool
    has_run: bool
    """Its process could be started."""


def end_of(attempt: Attempt, job: Job) -> End | None:
    """What to remember of an attempt that has ended; None: it says nothing."""
    if attempt.verdict not in SAID or _got_no_workspace(attempt):
        return None
    command, around = job.spec.command, job.surroundings
    env = tuple(sorted(command.env.items()))
    place = (command.cwd, around, job.spec.workspace)
    whole = (command.argv, command.shell, env, command.stdin, place)
    program = "/bin/sh" if command.shell is not None else command.argv[:1]
    return End(
        worker=attempt.worker,
        job=job.id,
        work=hash(whole),
        program=hash((program, place)),
        began_at=attempt.started_at or attempt.intent_at,
        is_good=attempt.verdict is Verdict.SUCCEEDED,
        has_run=attempt.verdict is not Verdict.UNSPAWNED,
    )


def _got_no_workspace(attempt: Attempt) -> bool:
    return attempt.trouble is not None and attempt.trouble.code == NO_WORKSPACE


def run_of(worker: str, ends: Sequence[End]) -> list[End]:
    """The failures of a worker since something last went well there, the newest first."""
    found: list[End] = []
    for end in reversed(ends):
        if end.worker == worker:
            if end.is_good:
                break
            found.append(end)
    return found


def why_quarantine(worker: str, ends: Sequence[End], after: int) -> str | None:
    """Why this worker is to get nothing more; None if that is not proven.

    Args:
        worker: The one in doubt.
        ends: Of all workers, the oldest first.
        after: So many failures in a row at least; 0: never.
    """
    run = run_of(worker, ends)
    if not after or len(run) < after:
        return None
    begun = [end.began_at for end in run]
    first_at, last_at = min(begun), max(begun)
    others = [
        end for end in ends if end.worker != worker and first_at <= end.began_at <= last_at
    ]
    good, bad = compared(run, others)
    known = {end.work for end in others}, {end.program for end in others}
    like = [end for end in run if (end.work in known[0]) or _is_known_start(end, known[1])]
    jobs = len({end.job for end in like})
    if len(like) < after or jobs < JOBS or likelihood(len(like), good, bad) > PROOF:
        return None
    return (
        f"{len(like)} attempts of {jobs} jobs failed here in a row; meanwhile the same went "
        f"well elsewhere {good} times of {good + bad}"
    )


def compared(run: Iterable[End], others: Iterable[End]) -> tuple[int, int]:
    """How often the same as in the run went well and went badly elsewhere."""
    works = {end.work for end in run if end.has_run}
    programs = {end.program for end in run if not end.has_run}
    told = [
        end.is_good if end.work in works else end.has_run
        for end in others
        if end.work in works or end.program in programs
    ]
    return sum(told), len(told) - sum(told)


def likelihood(failed: int, good: int, bad: int) -> float:
    """Log of how likely it all is on equal workers, against one that fails whatever it gets.

    Args:
        failed: Failures in a row on the worker in doubt.
        good: How often the same went well elsewhere.
        bad: How often it did not.
    """
    return _log_of(failed + bad, good) - _log_of(bad, good)


def _log_of(bad: int, good: int) -> float:
    """Log of the likelihood of so many failures and successes, at the rate that fits best."""
    total = bad + good
    return sum(count * log(count / total) for count in (bad, good) if count)


def _is_known_start(end: End, programs: Iterable[int]) -> bool:
    return not end.has_run and end.program in programs
