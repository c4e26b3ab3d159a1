"""`crabtui events`: what happened, and what happens."""

import sys

import click

from crabtui.cli.following import through_restarts
from crabtui.cli.moments import short_stamp
from crabtui.cli.output import say, say_json
from crabtui.cli.setting import setting
from crabtui.cli.targets import read_id
from crabtui.cli.verb import Verb
from engine.control.blocking import BlockingClient
from engine.control.messages import FollowEvents, ListEvents
from engine.model.events import Event

PAGE = 500


@click.command(cls=Verb)
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens from now on.")
@click.option("--after", metavar="SEQ", type=click.IntRange(min=0), help="All past this one.")
@click.option("--job", metavar="ID", help="Only of this job.")
@click.option("--count", "-n", type=click.IntRange(min=0), help="At most this many.")
def events(follow: bool, after: int | None, job: str | None, count: int | None) -> int:
    """Print events, oldest first: the newest 50, or all past --after. JSON is one a line."""
    reader = _Reader(after, read_id(job) if job else None, count)
    return through_restarts(reader.follow if follow else reader.read)


class _Reader:
    """Prints events and knows how far it came, so that it can go on after a restart."""

    def __init__(self, after: int | None, job: int | None, count: int | None) -> None:
        self._after = after
        self._job = job
        self._left = count

    def read(self, client: BlockingClient) -> int:
        if self._after is None:
            self._newest(client, 50 if self._left is None else self._left)
            return 0
        while self._wants_more:
            page = client.call(ListEvents(after=self._after, limit=PAGE, job=self._job))
            self._print_all(page.events)
            if not page.events:
                break
        return 0

    def follow(self, client: BlockingClient) -> int:
        if self._after is None:
            self._newest(client, self._left or 0)
            self._left = None
        ask = FollowEvents(after=-1 if self._after is None else self._after, job=self._job)
        for event in client.stream(ask):
            self._print_all((event,))
            sys.stdout.flush()
            if not self._wants_more:
                break
        return 0

    @property
    def _wants_more(self) -> bool:
        return self._left is None or self._left > 0

    def _newest(self, client: BlockingClient, count: int) -> None:
        ask = ListEvents(last=True, limit=max(min(count, PAGE), 1), job=self._job)
        page = client.call(ask)
        self._after = page.head
        found = list(page.events)
        while len(found) < count and len(page.events) == ask.limit:
            limit = min(count - len(found), PAGE)
            ask = ListEvents(last=True, before=found[0].seq, limit=limit, job=self._job)
            page = client.call(ask)
            found[:0] = page.events
        for event in found[-count:] if count else ():
            _print(event)

    def _print_all(self, found: tuple[Event, ...]) -> None:
        for event in found[: self._left]:
            _print(event)
            self._after = event.seq
            if self._left is not None:
                self._left -= 1


def _print(event: Event) -> None:
    if setting().as_json:
        say_json(event)
        return
    job = f"#{event.job}" if event.job is not None else event.worker or ""
    by = "" if event.actor == "engine" else f"  by {event.actor}"
    head = f"{event.seq:>7}  {short_stamp(event.at)}  {event.type:<22}  {job:<9}"
    say(f"{head}  {event.cause}{by}".rstrip())
