"""`crabtui array`: change how an array runs."""

import click

from crabtui.cli.frame.acting import tell
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import read_id
from crabtui.cli.reaching.entry import enter
from engine.control.messages import SetArray
from engine.errors import InvalidSpec


@click.command(cls=Verb)
@click.argument("array", metavar="ID")
@click.option("--limit", metavar="N|none", help="So many of its jobs at once.")
@click.option("--stop-after", metavar="N", help="After so many failures no more start.")
def array(array: str, limit: str | None, stop_after: str | None) -> int:
    """Change how many jobs of an array run at once, and when it gives up.

    ID is that of the array itself. `show` tells how far it is; cancel, hold, release,
    priority and retry do to all of its jobs what they do to one.
    """
    if limit is None and stop_after is None:
        raise InvalidSpec("say what to change: --limit or --stop-after", field="limit")
    is_free = limit is not None and limit.lower() == "none"
    ask = SetArray(
        id=read_id(array),
        limit=None if is_free else _whole("limit", limit),
        no_limit=is_free,
        stop_after=_whole("stop-after", stop_after),
    )
    with enter() as client:
        return tell(client.call(ask))


def _whole(flag: str, text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and 0 < len(text) < 8 and int(text) > 0:
        return int(text)
    raise InvalidSpec(f"--{flag} {text!r}: a whole number from 1 on", field=flag)
