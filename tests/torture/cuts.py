"""A storm of cuts: each line breaks in every phase of a job's life, and hosts misbehave."""

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from engine.control.messages import ListJobs
from tests.kit.waiting import pause
from tests.torture.far import Far, Workers
from tests.torture.judging import judge
from tests.torture.storm import Report, Submitter
from tests.torture.tormentor import Tormentor


def three_hosts(folder: Path) -> list[Far]:
    """With Python; in sh alone and two sessions at most; far away, with one session at most."""
    return [
        Far(folder / "near", "near"),
        Far(folder / "plain", "plain", table={"python": "no"}, max_sessions=2),
        Far(folder / "single", "single", max_sessions=1),
    ]


def cuts(folder: Path, *, cuts: int, kills: int, seed: int) -> tuple[Report, Counter[str]]:
    """Cut lines `cuts` times and kill the daemon `kills` times meanwhile, then judge.

    Returns:
        What was found, and how often each kind of break was made.
    """
    chance = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "book"
    book.touch()
    workers = Workers(folder, three_hosts(folder))
    report = Report(cycles=cuts, seed=seed)
    counts: Counter[str] = Counter()
    with workers:
        workers.mend()
        tormentors = [
            Tormentor(workers, far, book, Random(chance.random())) for far in workers.fars
        ]
        batches = max(2, cuts // 10)
        submitter = Submitter(workers.daemon, book, Random(seed), batches=batches, size=4)
        submitter.start()
        _break_all(workers, tormentors, cuts, kills, chance)
        submitter.finish()
        workers.mend()
        plans = [*submitter.plans, *(plan for one in tormentors for plan in one.plans)]
        canceled = [name for one in tormentors for name in one.canceled]
        judge(workers, plans, book, report, canceled)
        report.faults += _not_canceled(workers, canceled)
    for tormentor in tormentors:
        counts += tormentor.counts
    counts["daemon killed"] = kills
    return report, counts


def _break_all(
    workers: Workers, tormentors: Sequence[Tormentor], cuts: int, kills: int, chance: Random
) -> None:
    shares = [cuts // len(tormentors) + (n < cuts % len(tormentors)) for n in range(3)]
    threads = [
        threading.Thread(target=one.run, args=(share,), name=f"tormentor-{number}")
        for number, (one, share) in enumerate(zip(tormentors, shares, strict=True))
    ]
    for thread in threads:
        thread.start()
    for number in range(kills):
        due = cuts * (number + 1) // (kills + 1)
        while sum(one.counts.total() for one in tormentors) < due and any(
            thread.is_alive() for thread in threads
        ):
            pause(0.02)
        pause(chance.uniform(0, 0.3))
        workers.daemon.restart()
    for thread in threads:
        thread.join()
    for one in tormentors:
        if one.error is not None:
            raise one.error


def _not_canceled(workers: Workers, names: Sequence[str]) -> list[str]:
    with workers.daemon.client() as client:
        rows = client.call(ListJobs(where="name:never-*", count=500)).jobs
    states = {row.name: row.state for row in rows}
    return [f"{name} is {states.get(name)}" for name in names if states.get(name) != "canceled"]
