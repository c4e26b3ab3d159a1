"""`crabtui cancel`: end jobs, or take a cancel back while it is in its grace."""

import click

from crabtui.cli.frame.acting import act_on_jobs
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.spans import DURATION_MS
from crabtui.cli.options.targets import target_options
from engine.control.messages import Cancel, Targets, Uncancel
from engine.control.messages import Request as Ask
from engine.control.views import Acted


@click.command(cls=Verb)
@target_options
@click.option("--why", default="", metavar="TEXT", help="Kept with the job.")
@click.option("--undo", type=DURATION_MS, default=0, help="Waiting jobs: grace to withdraw.")
@click.option("--kill", is_flag=True, help="Running jobs: KILL at once, no TERM before it.")
@click.option("--withdraw", is_flag=True, help="Take back cancels that are in their grace.")
def cancel(
    targets: tuple[str, ...],
    where: str | None,
    yes: bool,
    why: str,
    undo: int,
    kill: bool,
    withdraw: bool,
) -> int:
    """Cancel jobs: waiting ones at once, running ones by TERM, then KILL after their grace."""

    def make(chosen: Targets) -> Ask[Acted]:
        if withdraw:
            return Uncancel(targets=chosen)
        return Cancel(targets=chosen, why=why, undo_ms=undo, kill=kill)

    verb = "withdraw the cancel of" if withdraw else "cancel"
    return act_on_jobs(verb, make, targets, where, yes=yes or withdraw)
