"""`crabtui edit`: change jobs that have not started."""

from typing import Any

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.job import change_options, changes
from crabtui.cli.options.targets import target_options
from engine.control.messages import Edit, Targets


@click.command(cls=Verb)
@target_options
@change_options()
def edit(
    targets: tuple[str, ...],
    where: str | None,
    yes: bool,
    clear: tuple[str, ...],
    **given: Any,
) -> int:
    """Change jobs that have not started: name, queue, resources, limits, times."""
    said = changes(clear, **given)

    def make(chosen: Targets) -> Edit:
        return Edit(targets=chosen, changes=said)

    return act_on_jobs("change", make, targets, where, yes=yes)
