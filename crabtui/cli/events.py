"""`crabtui events`: what happened, and what happens."""

import sys

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import read_id
from crabtui.cli.printing.moments import short_stamp, utc_offset_s
from crabtui.cli.printing.output import say, say_json
from crabtui.cli.reaching.following import through_restarts
from crabtui.data.admin.audit_lines import told_of
from engine.control.blocking import BlockingClient
from engine.control.messages import FollowEvents, ListEvents
from engine.model.events import Event, EventType

PAGE = 500
NEWEST = 50
END = 2**62


@click.command(cls=Verb)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--where", metavar="FILTER", help="The same as words.")
@click.option("--since", metavar="TIME", help="From then on: 1h, 13:40, 2026-11-21T13:40.")
@click.option("--until", metavar="TIME", help="Before then.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens from now on.")
@click.option("--after", metavar="SEQ", type=click.IntRange(min=0), help="All past this one.")
@click.option("--job", metavar="ID", help="Only of this job.")
@click.option("--count", "-n", type=click.IntRange(min=0), help="At most this many.")
@click.option("--density", metavar="WIDTH", help="Count them, in 60 buckets as wide as this.")
def events(
    words: tuple[str, ...],
    where: str | None,
    since: str | None,
    until: str | None,
    follow: bool,
    after: int | None,
    job: str | None,
    count: int | None,
    density: str | None,
) -> int:
    """Print events, oldest first: the newest 50, or all past --after or --since.

    FILTER is like `level>=warn worker:gpu-* "no space left"`: fields are level (err, warn,
    info, debug), type, kind, seq, job, attempt, worker, queue, tenant, actor, cause, since,
    until. JSON is one a line, as many as there are: `--since 1d --json > slice.ndjson`.
    """
    chosen = _filter(words, where, since, until)
    if density is not None:
        from crabtui.cli.printing.event_counts import say_counts

        return say_counts(_with_job(chosen, job), density)
    if since is not None and after is None:
        after = 0
    reader = _Reader(chosen, after, read_id(job) if job else None, count)
    return through_restarts(reader.follow if follow else reader.read)


def _filter(words: tuple[str, ...], where: str | None, *times: str | None) -> str:
    """One filter of all that was said, its times those of whoever typed them, as UTC.

    Raises:
        InvalidSpec: it cannot be read.
    """
    from engine.model.event_filter import parse_events

    parts = [f"({part})" for part in (" ".join(words), where) if part]
    parts += [
        f'{name}:"{time}"' for name, time in zip(("since", "until"), times, strict=True) if time
    ]
    offset_s = utc_offset_s()
    parse_events(" ".join(words), utc_offset_s=offset_s)  # so that a column is one of theirs
    parse_events(where or "", utc_offset_s=offset_s)
    return parse_events(" ".join(parts), utc_offset_s=offset_s).text


def _with_job(chosen: str, job: str | None) -> str:
    return f"{f'({chosen})' if chosen else ''} job:{read_id(job)}".strip() if job else chosen


class _Reader:
    """Prints events and knows how far it came, so that it can go on after a restart."""

    def __init__(
        self, where: str, after: int | None, job: int | None, count: int | None
    ) -> None:
        self._where = where
        self._after = after
        self._job = job
        self._left = count

    def read(self, client: BlockingClient) -> int:
        if self._after is None:
            self._newest(client, NEWEST if self._left is None else self._left)
            return 0
        self._rest(client)
        return 0

    def follow(self, client: BlockingClient) -> int:
        if self._after is None:
            self._newest(client, self._left or 0)
            self._left = None
        ask = FollowEvents(
            after=-1 if self._after is None else self._after, job=self._job, where=self._where
        )
        for event in client.stream(ask):
            self._print_all((event,))
            sys.stdout.flush()
            if not self._wants_more:
                break
        return 0

    @property
    def _wants_more(self) -> bool:
        return self._left is None or self._left > 0

    def _rest(self, client: BlockingClient) -> None:
        """All past a place, page by page; nothing is kept."""
        while self._wants_more:
            after = self._after or 0
            ask = ListEvents(after=after, limit=PAGE, job=self._job, where=self._where)
            page = client.call(ask)
            self._print_all(page.events)
            self._after = max(page.reached, after)
            if page.is_whole or self._after == after:
                break

    def _newest(self, client: BlockingClient, count: int) -> None:
        found: list[Event] = []
        before, head = END, None
        while True:
            limit = max(min(count - len(found), PAGE), 1)
            ask = ListEvents(
                last=True, before=before, limit=limit, job=self._job, where=self._where
            )
            page = client.call(ask)
            head = page.head if head is None else head
            found[:0] = page.events
            before = page.reached
            if page.is_whole or len(found) >= count:
                break
        self._after = head
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
    told = told_of(event) if event.type is EventType.OPERATOR_ACTED else ""
    say(f"{head}  {'  '.join(part for part in (told, event.cause) if part)}{by}".rstrip())
