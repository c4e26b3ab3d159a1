"""`crabtui pulse`: how it goes, over the last hours."""

import click

from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.spans import DURATION_MS
from crabtui.cli.printing.output import say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.trends import sparkline, trends
from crabtui.data.wording import UTC_ZONE, duration, full_time
from engine.control.messages import GetTrends
from engine.control.views import TrendsView

HEADINGS = ("WHAT", "NOW", "PEAK")


@click.command(cls=Verb)
@click.option("--queue", metavar="NAME", help="Of one queue; else of all together.")
@click.option(
    "--range",
    "range_ms",
    type=DURATION_MS,
    default="1h",
    show_default=True,
    help="How far back: 5m, 1h, 24h at most.",
)
@click.option(
    "--buckets", default=60, show_default=True, metavar="N", help="In how many spans, at most."
)
@at_option
def pulse(queue: str | None, range_ms: int, buckets: int, at: str | None) -> int:
    """Print how much was done and how long it took, over time."""
    with enter() as client:
        then = moment_of(client, at)
        ask = GetTrends(range_ms=range_ms, buckets=buckets, queue=queue, as_of=then.seq)
        view = client.call(ask)
    if setting().as_json:
        say_json(view)
    else:
        say_lines([*_table(view), *_notes(view)])
    return 0


def _table(view: TrendsView) -> list[str]:
    width = len(view.done)
    rows = [
        (line.name, line.now, line.peak, sparkline(line.values, width), line.note)
        for line in trends(view)
    ]
    span = duration(width * view.width_ms * 1000)
    return table((*HEADINGS, f"LAST {span.upper()}", ""), rows, right=frozenset(HEADINGS[1:]))


def _notes(view: TrendsView) -> list[str]:
    if view.since_at is None:
        return ["nothing was counted yet"]
    if view.since_at <= view.begin_at:
        return []
    return [f"counted from {full_time(view.since_at, UTC_ZONE)} on"]
