"""Shards: what became of a test command that was split, from whatever order it came in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from crabtui.data.files.junit import Report, Totals, repeated, totals
from engine.model.states import State

FAILED: Final = 1
INCOMPLETE: Final = 3
"""Exit codes: tests failed; or not all of them have run, so that nobody knows."""

NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One part of the command."""

    index: int
    job: int
    state: str
    exit_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the parts come to."""

    count: int
    passed: int
    failed: tuple[int, ...]
    """Indices of shards whose command ran and failed."""
    missing: tuple[int, ...]
    """Indices of shards that did not run to an end: canceled, skipped, lost, timed out."""
    unreported: tuple[int, ...]
    """Indices of shards that ended and left no report, where reports were asked for."""
    tests: Totals | None = None
    repeated: tuple[str, ...] = ()
    """Tests that ran in several shards."""

    @property
    def is_complete(self) -> bool:
        """Whether every part has run, and has reported if it had to."""
        return not self.missing and not self.unreported

    @property
    def code(self) -> int:
        """0 only if all parts ran, and passed, and their reports say so too."""
        is_bad = bool(self.failed) or (self.tests is not None and not self.tests.is_good)
        if not self.is_complete:
            return INCOMPLETE
        return FAILED if is_bad else 0


def judge(
    count: int, shards: Iterable[Shard], reports: Mapping[int, Report] | None = None
) -> Verdict:
    """What a set of shards comes to; the order in which they come does not matter.

    Args:
        count: How many there must be.
        shards: Those of which something is known; of several of one index the last counts.
        reports: By index; None: none were asked for.
    """
    known = {shard.index: shard for shard in shards}
    ran = {i: s for i, s in known.items() if _has_run(s) and 0 <= i < count}
    found = reports or {}
    return Verdict(
        count=count,
        passed=sum(shard.state == State.SUCCEEDED for shard in ran.values()),
        failed=tuple(sorted(i for i, s in ran.items() if s.state != State.SUCCEEDED)),
        missing=tuple(i for i in range(count) if i not in ran),
        unreported=tuple(sorted(i for i in ran if reports is not None and i not in found)),
        tests=None if reports is None else totals(found.values()),
        repeated=tuple(repeated(found.values())),
    )


def _has_run(shard: Shard) -> bool:
    """Whether its command came to an end of its own, good or bad."""
    if shard.state == State.SUCCEEDED:
        return True
    return shard.state == State.FAILED and shard.exit_code is not None


def sentence(verdict: Verdict) -> str:
    """What people read of it, on one line."""
    parts = [f"{verdict.passed} of {verdict.count} shards passed"]
    if verdict.failed:
        parts.append(f"{_listed(verdict.failed)} failed")
    if verdict.missing:
        parts.append(f"{_listed(verdict.missing)} did not run to an end")
    if verdict.unreported:
        parts.append(f"{_listed(verdict.unreported)} left no report")
    if (tests := verdict.tests) is not None:
        parts.append(
            f"{tests.tests} tests: {tests.failures} failed, {tests.errors} with errors, "
            f"{tests.skipped} skipped"
        )
    if not verdict.is_complete:
        parts.append("incomplete, which is no success")
    return "; ".join(parts)


def warning(verdict: Verdict) -> str:
    """What is odd about the set; empty if nothing is."""
    if not verdict.repeated:
        return ""
    first = ", ".join(verdict.repeated[:NAMED])
    return (
        f"{len(verdict.repeated)} tests ran in more than one shard ({first}): "
        "does the command heed {index} and {count}?"
    )


def _listed(indices: tuple[int, ...]) -> str:
    return ("shard " if len(indices) == 1 else "shards ") + ", ".join(map(str, indices))
