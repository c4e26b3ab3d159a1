"""`crabtui stop`: end the daemon; jobs go on."""

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json
from crabtui.cli.reaching.departure import ask_to_leave


@click.command(cls=Verb)
def stop() -> int:
    """Stop the daemon. Jobs go on running; the next daemon takes them over."""
    pid = ask_to_leave()
    if setting().as_json:
        say_json({"stopped": pid})
    else:
        say(f"daemon {pid} has stopped; jobs keep running")
    return 0
