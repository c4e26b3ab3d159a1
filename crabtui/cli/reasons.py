"""`crabtui reasons`: why jobs wait, counted by what stands in their way."""

import click

from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.wording import age
from engine.control.messages import ListReasons
from engine.control.views import ReasonView
from engine.model.ids import check_name

HEADINGS = ("JOBS", "WHY", "QUEUE", "OLDEST", "FIRST", "REASON", "REMEDY")


@click.command(cls=Verb)
@click.option("--queue", metavar="NAME", help="Of this queue only.")
@at_option
def reasons(queue: str | None, at: str | None) -> int:
    """Say why jobs wait: how many, for what, since when, and what would help."""
    return say_reasons(queue, at)


def say_reasons(queue: str | None, at: str | None = None) -> int:
    """Print the histogram of one queue, or of all. Raises: InvalidSpec for no name."""
    if queue is not None:
        check_name("queue", queue)
    with enter() as client:
        then = moment_of(client, at)
        view = client.call(ListReasons(queue=queue, as_of=then.seq))
        if setting().as_json:
            say_json(view)
            return 0
        if not view.reasons:
            say("nothing waits")
            return 0
        rows = [_row(reason, then.now) for reason in view.reasons]
        say_lines(table(HEADINGS, rows, right=frozenset(("JOBS", "OLDEST"))))
    return 0


def _row(reason: ReasonView, now: int) -> tuple[str, ...]:
    return (
        f"{reason.count:,}" if reason.is_exact else f"{reason.count:,}+",
        reason.kind,
        reason.queue,
        age(reason.oldest_at, now),
        f"#{reason.first}",
        reason.text,
        reason.remedy,
    )
