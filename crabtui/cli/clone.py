"""`crabtui clone`: submit a copy of a job, with some things changed."""

from typing import Any

import click

from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.job import change_options, changes
from crabtui.cli.options.targets import read_id
from crabtui.cli.submit import tell_submitted
from crabtui.cli.submitting.sending import new_request_key, once_more
from engine.control.messages import Clone


@click.command(cls=Verb)
@click.argument("job", metavar="ID")
@change_options(fixed_too=True)
def clone(job: str, clear: tuple[str, ...], **given: Any) -> int:
    """Submit a copy of a past or present job. Its key stays with the original."""
    has_changes = bool(clear) or any(given.values())
    said = changes(clear, **given) if has_changes else {}
    ask = Clone(id=read_id(job), changes=said, request_key=new_request_key())
    return tell_submitted(once_more(lambda client: client.call(ask)))
