"""`crabtui reload`: have the daemon read its configuration again."""

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json
from crabtui.cli.reaching.entry import enter
from engine.control.messages import Reload


@click.command(cls=Verb)
def reload() -> int:
    """Read the configuration again; if anything in it is wrong nothing changes.

    No job is touched. Starts no daemon: one that starts reads it anyway.
    """
    with enter(start=False) as client:
        done = client.call(Reload())
    if setting().as_json:
        say_json(done)
        return 0
    for change in done.changed:
        say(change)
    for change in done.needs_restart:
        say(f"{change}  (after `crabtui restart`)")
    if not done.changed and not done.needs_restart:
        say("nothing has changed")
    return 0
