"""`crabtui hooks`: what is run when jobs start or end."""

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.options.targets import read_ids
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter, now_at
from crabtui.data.wording import age
from engine.control.messages import ListHooks
from engine.control.views import HooksView

HEADINGS = ("ON", "RUNS", "NAME", "FOR", "FROM")
HOW = "`crabtui submit --on-end LINE` gives a job one, [hooks.NAME] in the configuration all"
FIRED = ("ID", "ON", "NAME", "STATE", "AGE", "NOTE")


@click.group(cls=VerbGroup, invoke_without_command=True)
@click.pass_context
def hooks(context: click.Context) -> int:
    """List what is run when jobs start or end."""
    if context.invoked_subcommand is None:
        return _list(None)
    return 0


@hooks.command("list")
@click.argument("job", metavar="[ID]", required=False)
def list_(job: str | None) -> int:
    """List the hooks of the configuration, or those of a job and what they have become."""
    return _list(job)


def _list(job: str | None) -> int:
    number = None if job is None else read_ids((job,))[0]
    with enter() as client:
        view, now = client.call(ListHooks(id=number)), now_at(client)
    if setting().as_json:
        say_json(view)
    else:
        _say(view, now)
    return 0


def _say(view: HooksView, now: int) -> None:
    rows = [
        (",".join(one.on), one.text, one.name, one.where or "all", one.source)
        for one in view.hooks
    ]
    if rows:
        say_lines(table(HEADINGS, rows))
    else:
        say(f"no hooks: {HOW}")
    if view.fired:
        say()
        fired = [
            (f"#{one.id}", one.on, one.name, one.state, age(one.created_at, now), one.note)
            for one in view.fired
        ]
        say_lines(table(FIRED, fired, coloured="STATE"))
