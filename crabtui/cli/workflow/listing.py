"""`crabtui workflow list`: runs of workflows, the newest first."""

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.wording import age, duration
from engine.control.messages import ListWorkflows
from engine.control.views import FlowView

HEADINGS = ("ID", "WORKFLOW", "STATE", "TASKS", "AGE", "TOOK", "NOTE")
HOW = "`crabtui workflow run FILE` runs one, `crabtui workflow templates` has some"


@click.command("list", cls=Verb)
@click.argument("name", required=False, default="")
@click.option(
    "--limit", type=click.IntRange(1, 1_000), default=50, help="At most.  [default: 50]"
)
@click.option("--before", metavar="ID", type=int, help="Only runs older than this one.")
def list_runs(name: str, limit: int, before: int | None) -> int:
    """List runs of workflows, or of the one called NAME, the newest first."""
    with enter() as client:
        found = client.call(ListWorkflows(name=name, limit=limit, before=before))
    if setting().as_json:
        say_json(found)
    elif found.flows:
        rows = [_row(flow, found.now_at) for flow in found.flows]
        say_lines(table(HEADINGS, rows, right=frozenset({"ID", "AGE"}), coloured="STATE"))
    else:
        say(_nothing(name, before))
    return 0


def _nothing(name: str, before: int | None) -> str:
    older = "" if before is None else f" before #{before}"
    if name:
        return f"no workflow called {name} has run{older}"
    return f"no workflow has run{older}" + ("" if older else f": {HOW}")


def _row(flow: FlowView, now: int) -> tuple[str, ...]:
    return (
        f"#{flow.id}",
        f"{flow.name} {flow.run}",
        state_of(flow),
        counted(flow),
        age(flow.created_at, now),
        "" if flow.duration_ms is None else duration(flow.duration_ms * 1_000),
        flow.error or flow.note,
    )


def state_of(flow: FlowView) -> str:
    """Its state, and whether it is kept from going on."""
    return f"{flow.state}, paused" if flow.held_by is not None else flow.state


def counted(flow: FlowView) -> str:
    """`12/40`: how many of its tasks have succeeded."""
    return f"{flow.tasks.get('succeeded', 0)}/{flow.task_count}"
