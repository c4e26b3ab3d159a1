"""`crabtui wait`: return when jobs have ended."""

import time

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.spans import DURATION_MS
from crabtui.cli.options.targets import read_targets
from crabtui.cli.printing.endings import ending
from crabtui.cli.printing.output import say, say_json
from crabtui.cli.reaching.following import through_restarts
from engine.control.blocking import BlockingClient
from engine.control.messages import ListJobs, Targets, Wait
from engine.control.views import Waited
from engine.model.states import State

IN_TIME_NOT = 4
PAGE = 1_000


@click.command(cls=Verb)
@click.argument("targets", nargs=-1, metavar="[ID|ID-ID|FILTER]...")
@click.option("--where", metavar="FILTER", help="All jobs that match now.")
@click.option("--any", "any_of", is_flag=True, help="Return when the first has ended.")
@click.option("--timeout", type=DURATION_MS, help="Wait no longer: exit 4.")
def wait(targets: tuple[str, ...], where: str | None, any_of: bool, timeout: int | None) -> int:
    """Wait until jobs have ended. Exits 0 if all succeeded, 1 if not, 4 if out of time."""
    waiter = _Waiter(read_targets(targets, where), any_of, timeout)
    waited = through_restarts(waiter.work)
    if setting().as_json:
        say_json(waited)
    else:
        _say(waited, any_of)
    return _code(waited, any_of)


class _Waiter:
    """Waits for the same jobs, until the same instant, over any number of connections."""

    def __init__(self, targets: Targets, any_of: bool, timeout_ms: int | None) -> None:
        self._targets = targets
        self._any = any_of
        self._ids = targets.ids
        self._ends_s = None if timeout_ms is None else time.monotonic() + timeout_ms / 1000

    def work(self, client: BlockingClient) -> Waited:
        if self._targets.where is not None and not self._ids:
            self._ids = _matching(client, self._targets.where)
        if not self._ids:
            complain("no job matches")
            return Waited(finished=(), unfinished=())
        return client.call(Wait(ids=self._ids, any=self._any, timeout_ms=self._left_ms()))

    def _left_ms(self) -> int | None:
        if self._ends_s is None:
            return None
        return max(round((self._ends_s - time.monotonic()) * 1000), 0)


def _matching(client: BlockingClient, where: str) -> tuple[int, ...]:
    found: list[int] = []
    page = client.call(ListJobs(where=where, count=PAGE))
    while True:
        found.extend(job.id for job in page.jobs)
        if page.next is None:
            return tuple(found)
        page = client.call(ListJobs(where=where, count=PAGE, after=page.next))


def _say(waited: Waited, any_of: bool) -> None:
    for finished in waited.finished:
        say(f"#{finished.id} {ending(finished)}")
    if waited.unfinished and not any_of:
        complain(f"{len(waited.unfinished):,} have not ended in time")


def _code(waited: Waited, any_of: bool) -> int:
    if waited.unfinished and not (any_of and waited.finished):
        return IN_TIME_NOT
    return 0 if all(each.state == State.SUCCEEDED for each in waited.finished) else 1
