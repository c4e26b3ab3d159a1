"""`crabtui workflow add`: let a run grow by tasks and edges."""

import os

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import plain, say, say_json
from crabtui.cli.reaching.entry import enter
from crabtui.cli.submitting.sending import new_request_key
from crabtui.cli.workflow.sources import part_of_file
from crabtui.cli.workflow.target import run_of
from crabtui.data.wording import plural
from engine.control.messages import GrowWorkflow
from engine.model.ids import parse_job_id


@click.command(cls=Verb)
@click.argument("run", metavar="ID|NAME")
@click.argument("file")
def add(run: str, file: str) -> int:
    """Add the `tasks` and `edges` in FILE to a run that has not ended, all or none.

    Tasks are as in a workflow; they may wait for those that are there. `edges` are by task
    what it waits for besides. A task can add to its own run: `crabtui --state
    "$CRAB_STATE" workflow add "$CRAB_FLOW" FILE`.
    """
    tasks, edges = part_of_file(file)
    with enter() as client:
        ask = GrowWorkflow(
            id=run_of(client, run),
            tasks=tasks,
            edges=edges,
            by_job=_asking(),
            request_key=new_request_key(),
        )
        submitted = client.call(ask)
    if setting().as_json:
        say_json({"count": submitted.count, "ids": plain(submitted.ids)})
    else:
        spans = ", ".join(f"#{a}" if a == b else f"#{a}–#{b}" for a, b in submitted.ids)
        say(f"{plural(submitted.count, 'job')} more{f': {spans}' if spans else ''}")
    return 0


def _asking() -> int | None:
    """The job that runs this command; one of this machine means nothing elsewhere."""
    job = "" if setting().remote else os.environ.get("CRAB_JOB", "")
    return parse_job_id(job) if job.isascii() and job.isdigit() else None
