"""Hosts as they come: any login shell, banners, odd homes, few sessions, latency."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.kit.sshd import SSHD, login_shells
from tests.torture.far import Far, Workers
from tests.torture.judging import judge
from tests.torture.plan import Planned, a_batch
from tests.torture.storm import Report
from tests.torture.tormentor import LATENCY_S

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine"),
]

BANNER = 'Welcome!\nIt\'s `date`, "you" have $MAIL\ncrab-0 not yet\nno newline at the end'
ODD_HOME = "it's a \"home\" $(of) 'mine'; \\n"


def test_every_login_shell_odd_homes_few_sessions_and_latency(tmp_path: Path) -> None:
    fars = [_odd(tmp_path, number, shell) for number, shell in enumerate(login_shells())]
    fars += [
        Far(tmp_path / "one", "one", max_sessions=1),
        Far(tmp_path / "two", "two", max_sessions=2, table={"python": "no"}),
    ]
    for far in fars[-2:]:
        far.proxy.delay(LATENCY_S)
    _run_mixed(tmp_path, fars, each=2)


def _odd(folder: Path, number: int, shell: Sequence[str]) -> Far:
    return Far(
        folder / f"h{number}",
        f"far{number}",
        shell=shell,
        banner=BANNER,
        home=folder / f"h{number}" / ODD_HOME,
        path="/bin" if number % 2 else "/usr/bin:/bin",
        table={"python": "no" if number % 2 else "auto"},
    )


def _run_mixed(folder: Path, fars: Sequence[Far], *, each: int) -> None:
    book = folder / "book"
    book.touch()
    plans: list[Planned] = []
    report = Report(cycles=0, seed=0)
    with Workers(folder, fars) as workers:
        for number, far in enumerate(fars):
            batch = a_batch(Random(number), number, each)
            workers.daemon.submit(*[plan.ask(book) | {"worker": far.name} for plan in batch])
            plans += batch
        judge(workers, plans, book, report)
    assert report.faults == []
    assert report.jobs == each * len(fars)
