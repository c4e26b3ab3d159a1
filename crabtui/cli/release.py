"""`crabtui release`: let held jobs start again."""

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import target_options
from engine.control.messages import Release, Targets


@click.command(cls=Verb)
@target_options
def release(targets: tuple[str, ...], where: str | None, yes: bool) -> int:
    """Take jobs off hold."""

    def make(chosen: Targets) -> Release:
        return Release(targets=chosen)

    return act_on_jobs("take off hold", make, targets, where, yes=yes)
