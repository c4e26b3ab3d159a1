"""`crabtui retry`: run ended jobs again, or waiting retries at once."""

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import target_options
from engine.control.messages import Retry, Targets


@click.command(cls=Verb)
@target_options
def retry(targets: tuple[str, ...], where: str | None, yes: bool) -> int:
    """Run ended jobs again (same id, next attempt), or waiting retries at once."""

    def make(chosen: Targets) -> Retry:
        return Retry(targets=chosen)

    return act_on_jobs("run again", make, targets, where, yes=yes)
