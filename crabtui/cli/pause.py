"""`crabtui pause`: make running jobs stand still."""

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import target_options
from engine.control.messages import Pause, Targets


@click.command(cls=Verb)
@target_options
@click.option("--clocks", is_flag=True, help="Their timeouts stand still too.")
def pause(targets: tuple[str, ...], where: str | None, yes: bool, clocks: bool) -> int:
    """Make running jobs stand still until they are resumed; they keep what they hold."""

    def make(chosen: Targets) -> Pause:
        return Pause(targets=chosen, clocks=clocks)

    return act_on_jobs("pause", make, targets, where, yes=yes)
