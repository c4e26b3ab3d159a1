"""`crabtui ls`: a table of jobs."""

import click

from crabtui.cli.entry import enter
from crabtui.cli.failure import complain
from crabtui.cli.output import plain, say_json, say_lines
from crabtui.cli.past import at_option, moment_of
from crabtui.cli.setting import setting
from crabtui.cli.tables import table
from crabtui.cli.targets import as_filter
from crabtui.cli.verb import Verb
from crabtui.data.wording import note_for, time_in_state
from engine.control.blocking import BlockingClient
from engine.control.messages import ListJobs
from engine.control.views import JobRow, JobsPage

PAGE = 500
HEADINGS = ("ID", "STATE", "PRIO", "QUEUE", "TIME", "TRY", "NAME", "NOTE")


@click.command(cls=Verb)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--where", metavar="FILTER", help="The same as words.")
@click.option("--count", "-n", type=click.IntRange(min=1), default=30, help="[default: 30]")
@click.option("--sort", metavar="FIELD", default="activity", help="[default: activity]")
@click.option("--reverse", "-r", is_flag=True, help="The other way round.")
@click.option("--after", metavar="ID", type=int, help="The page after this job.")
@click.option("--all", "all_members", is_flag=True, help="Jobs of arrays one by one.")
@at_option
def ls(
    words: tuple[str, ...],
    where: str | None,
    count: int,
    sort: str,
    reverse: bool,
    after: int | None,
    all_members: bool,
    at: str | None,
) -> int:
    """List jobs: live ones first, then those that ended last.

    FILTER is like `state:running,queued queue:gpu age>1m`; ids are `12 #13 20-25`.
    Without one an array is a single line; its jobs are `array:12`, or --all.
    """
    chosen = as_filter(words, where)
    first = ListJobs(
        where=chosen,
        sort=sort,
        descending=reverse,
        after=after,
        fold=not (chosen or all_members),
    )
    with enter() as client:
        then = moment_of(client, at)
        page = _read(client, first, count, then.seq)
        if setting().as_json:
            say_json({"jobs": plain(page.jobs), "next": page.next})
        else:
            _say(page, then.now, chosen)
    return 0


def _read(client: BlockingClient, ask: ListJobs, count: int, as_of: int | None) -> JobsPage:
    import msgspec

    change = msgspec.structs.replace
    rows: list[JobRow] = []
    ask = change(ask, as_of=as_of)
    page = client.call(change(ask, count=min(count, PAGE)))
    rows.extend(page.jobs)
    while page.next is not None and len(rows) < count:
        left = min(count - len(rows), PAGE)
        page = client.call(change(ask, after=page.next, count=left))
        rows.extend(page.jobs)
    return change(page, jobs=tuple(rows))


def _say(page: JobsPage, now: int, chosen: str) -> None:
    if not page.jobs:
        complain(f"no job matches {chosen}" if chosen else "no jobs yet")
        return
    rows = [_row(job, now) for job in page.jobs]
    say_lines(table(HEADINGS, rows, right=frozenset({"ID", "TIME", "TRY"}), coloured="STATE"))
    if page.next is not None:
        more = "" if page.total_is_exact else "+"
        complain(f"{len(rows):,} of {page.total:,}{more}; -n shows more")


def _row(job: JobRow, now: int) -> tuple[str, ...]:
    tries = f"{job.attempt}/{job.max_attempts}" if job.max_attempts > 1 else str(job.attempt)
    return (
        str(job.id),
        job.state,
        job.priority,
        job.queue,
        time_in_state(job, now),
        tries,
        job.name,
        note_for(job, now),
    )
