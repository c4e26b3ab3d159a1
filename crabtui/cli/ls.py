"""`crabtui ls`: a table of jobs."""

import sys

import click

from crabtui.cli.completion import complete_filter
from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import as_filter
from crabtui.cli.printing.ls_groups import say_groups
from crabtui.cli.printing.moments import utc_offset_s
from crabtui.cli.printing.output import plain, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.files import exporting
from crabtui.data.wording import note_for, time_in_state
from crabtui.saved_views import SavedView, both, find_view, usual_path
from engine.control.blocking import BlockingClient
from engine.control.messages import ListJobs
from engine.control.views import JobRow, JobsPage
from engine.model.filter import parse

PAGE = 500
ROWS = 30
GROUPS = 100
EVERY = 10**9
HEADINGS = ("ID", "STATE", "PRIO", "QUEUE", "TIME", "TRY", "NAME", "NOTE")


@click.command(cls=Verb)
@click.argument("words", nargs=-1, metavar="[FILTER]...", shell_complete=complete_filter)
@click.option("--where", metavar="FILTER", help="The same as words.")
@click.option("--view", metavar="NAME", help="The filter and order saved as NAME.")
@click.option("--count", "-n", type=click.IntRange(min=1), help="[default: 30; --csv: all]")
@click.option("--sort", metavar="FIELD", help="[default: activity]")
@click.option("--reverse", "-r", is_flag=True, help="The other way round.")
@click.option("--after", metavar="ID", type=int, help="The page after this job.")
@click.option("--all", "all_members", is_flag=True, help="Jobs of arrays one by one.")
@click.option("--by", metavar="FIELD", help="Count them: queue, name, worker, reason, fp, …")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, for spreadsheets.")
@click.option("--explain", is_flag=True, help="Say how the filter is read and what it costs.")
@at_option
def ls(
    words: tuple[str, ...],
    where: str | None,
    view: str | None,
    count: int | None,
    sort: str | None,
    reverse: bool,
    after: int | None,
    all_members: bool,
    by: str | None,
    as_csv: bool,
    explain: bool,
    at: str | None,
) -> int:
    """List jobs: live ones first, then those that ended last.

    FILTER is like `state:running,queued queue:gpu age>1m`; ids are `12 #13 20-25`.
    Without one an array is a single line; its jobs are `array:12`, or --all.
    """
    saved = find_view(usual_path(), view) if view else SavedView()
    chosen = both(saved.where, as_filter(words, where))
    fold = not (chosen or all_members)
    if by is not None:
        return say_groups(by, chosen, count or GROUPS, fold=fold)
    first = ListJobs(
        where=chosen,
        sort=sort or saved.sort or "activity",
        descending=reverse != saved.descending,
        after=after,
        fold=fold,
    )
    with enter() as client:
        then = moment_of(client, at)
        page = _read(client, first, count or (EVERY if as_csv else ROWS), then.seq)
        if explain:
            _explain(chosen, page)
        if as_csv:
            sys.stdout.write(exporting.head("csv"))
            sys.stdout.write(exporting.body("csv", page.jobs, first=True))
        elif setting().as_json:
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


def _explain(chosen: str, page: JobsPage) -> None:
    text = parse(chosen, utc_offset_s=utc_offset_s()).text
    cost = f"{page.scan:,} jobs looked at" if page.scan else "indexed"
    complain(f"{text or 'no filter'}: {cost}")


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
