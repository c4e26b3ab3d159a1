"""`crabtui workflow cancel|pause|resume`: steer a run as a whole."""

import click

from crabtui.cli.frame.acting import tell
from crabtui.cli.frame.verb import Verb
from crabtui.cli.reaching.entry import enter
from crabtui.cli.workflow.target import known_run_of, run_of
from engine.control.blocking import BlockingClient
from engine.control.messages import (
    Cancel,
    Hold,
    Release,
    Request,
    Retry,
    ShowWorkflow,
    Targets,
)
from engine.control.views import Acted
from engine.model.states import FINAL


@click.command(cls=Verb)
@click.argument("run", metavar="ID|NAME")
@click.option("--why", default="", metavar="TEXT", help="For those who read it later.")
@click.option("--kill", is_flag=True, help="KILL what runs at once, without a grace.")
def cancel(run: str, why: str, kill: bool) -> int:
    """Cancel a run: what waits is canceled, what runs gets TERM, and KILL after its grace."""
    with enter() as client:
        target = Targets(ids=(known_run_of(client, run),))
        return tell(client.call(Cancel(targets=target, why=why, kill=kill)))


@click.command(cls=Verb)
@click.argument("run", metavar="ID|NAME")
@click.option("--why", default="", metavar="TEXT", help="For those who read it later.")
def pause(run: str, why: str) -> int:
    """Let no further task of a run start, until it is resumed; what runs goes on."""
    with enter() as client:
        target = Targets(ids=(known_run_of(client, run),))
        return tell(client.call(Hold(targets=target, why=why)))


@click.command(cls=Verb)
@click.argument("run", metavar="ID|NAME")
def resume(run: str) -> int:
    """Let a paused run go on; or run again what failed of it and what was skipped for that.

    What has succeeded is not run again.
    """
    with enter() as client:
        return tell(client.call(_resumed(client, run_of(client, run))))


def _resumed(client: BlockingClient, number: int) -> Request[Acted]:
    flow = client.call(ShowWorkflow(id=number, limit=1)).flow
    target = Targets(ids=(number,))
    if flow.held_by is not None and flow.state not in FINAL:
        return Release(targets=target)
    return Retry(targets=target)
