"""`crabtui priority`: change how urgent jobs are."""

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import target_options
from engine.control.messages import SetPriority, Targets
from engine.model.priority import parse_priority


@click.command(cls=Verb)
@click.argument("level", metavar="LEVEL|up|down")
@target_options
def priority(level: str, targets: tuple[str, ...], where: str | None, yes: bool) -> int:
    """Set jobs to critical, high, normal or low, or move them up or down one level."""
    steps = {"up": 1, "down": -1}.get(level, 0)
    to = None if steps else parse_priority(level).label

    def make(chosen: Targets) -> SetPriority:
        return SetPriority(targets=chosen, to=to, raise_by=steps)

    return act_on_jobs(f"set to {to or level}", make, targets, where, yes=yes)
