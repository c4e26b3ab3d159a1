"""`crabtui hold`: keep waiting jobs from starting."""

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import target_options
from engine.control.messages import Hold, Targets


@click.command(cls=Verb)
@target_options
@click.option("--why", default="", metavar="TEXT", help="Shown to those who ask why it waits.")
def hold(targets: tuple[str, ...], where: str | None, yes: bool, why: str) -> int:
    """Keep waiting jobs from starting until they are released."""

    def make(chosen: Targets) -> Hold:
        return Hold(targets=chosen, why=why)

    return act_on_jobs("hold", make, targets, where, yes=yes)
