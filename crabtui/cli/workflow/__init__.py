"""`crabtui workflow`: plan and run graphs of jobs, look at their runs, and steer them."""

import click

from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.workflow.acts import cancel, pause, resume
from crabtui.cli.workflow.add import add
from crabtui.cli.workflow.listing import list_runs
from crabtui.cli.workflow.plan import plan
from crabtui.cli.workflow.run import run
from crabtui.cli.workflow.show import show
from crabtui.cli.workflow.templates import templates


@click.group(cls=VerbGroup)
def workflow() -> None:
    """Plan and run graphs of jobs, look at their runs, and steer them."""


for _command in (plan, run, list_runs, show, cancel, pause, resume, add, templates):
    workflow.add_command(_command)
