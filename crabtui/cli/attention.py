"""`crabtui attention`: what wants somebody, and saying that somebody knows."""

import click

from crabtui.cli.frame.acting import tell
from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.attention_lines import all_clear, glyph_of, text_of
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import UTC_ZONE, age
from engine.control.messages import Acknowledge, ListMatters
from engine.control.views import AttentionView
from engine.model.attention import Matter

HEADINGS = ("", "KEY", "FOR", "WHAT", "AFFECTED", "WHERE")


@click.group(cls=VerbGroup, invoke_without_command=True)
@at_option
@click.pass_context
def attention(context: click.Context, at: str | None) -> int:
    """List what wants attention, what matters most first."""
    if context.invoked_subcommand is None:
        _list(at)
    return 0


@attention.command("list")
@at_option
def list_matters(at: str | None) -> int:
    """List what wants attention, what matters most first."""
    _list(at)
    return 0


@attention.command("ack")
@click.argument("key")
@click.option("--undo", is_flag=True, help="Take it back.")
@click.option("--why", default="", metavar="TEXT", help="Written into the audit trail.")
def acknowledge(key: str, undo: bool, why: str) -> int:
    """Say that you know of a matter: for an hour it stands below the others.

    It comes back sooner if it becomes worse. KEY is what `crabtui attention` shows.
    """
    with enter() as client:
        return tell(client.call(Acknowledge(key=key, undo=undo, why=why)))


def _list(at: str | None) -> None:
    with enter() as client:
        view = client.call(ListMatters(as_of=moment_of(client, at).seq))
    _say(view)


def _say(view: AttentionView) -> None:
    if setting().as_json:
        return say_json(view)
    if clear := all_clear(view, UTC_ZONE):
        say(clear + ("Z" if "since" in clear else ""))
    if view.matters:
        rows = [_row(matter, view.now_at) for matter in view.matters]
        say_lines(table(HEADINGS, rows, right=frozenset({"FOR", "AFFECTED"})))
    return None


def _row(matter: Matter, now_at: int) -> tuple[str, ...]:
    return (
        glyph_of(matter).drawn(),
        sanitize(matter.key),
        age(matter.since_at, now_at),
        sanitize(text_of(matter, now_at)),
        f"{matter.affected:,}" if matter.affected else "-",
        sanitize(matter.jump),
    )
