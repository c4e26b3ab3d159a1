"""`crabtui resume`: let paused jobs go on."""

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import target_options
from engine.control.messages import Resume, Targets


@click.command(cls=Verb)
@target_options
def resume(targets: tuple[str, ...], where: str | None, yes: bool) -> int:
    """Let paused jobs go on."""

    def make(chosen: Targets) -> Resume:
        return Resume(targets=chosen)

    return act_on_jobs("resume", make, targets, where, yes=yes)
