"""`crabtui tools`: list the tools that can be called, show one, call one."""

from typing import Any

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.options.call import calls, read_args
from crabtui.cli.options.job import flags_only
from crabtui.cli.options.spans import DURATION_MS
from crabtui.cli.printing.endings import exit_code
from crabtui.cli.printing.output import plain, say, say_json, say_lines
from crabtui.cli.printing.tables import fields, table
from crabtui.cli.printing.tool_lines import HEADINGS, facts, row
from crabtui.cli.reaching.entry import enter
from crabtui.cli.reaching.following import through_restarts
from crabtui.cli.submitting.sending import send_job
from engine.control.blocking import BlockingClient
from engine.control.messages import ListTools, ReadResult, Wait
from engine.control.views import Finished, ToolsView
from engine.model.states import State

OUT_OF_TIME = 4


@click.group(cls=VerbGroup, invoke_without_command=True)
@click.pass_context
def tools(context: click.Context) -> int:
    """List tools, show or call one.

    Tools are typed Python functions in the modules that `[tools]` names in the
    configuration.
    """
    if context.invoked_subcommand is None:
        return _list()
    return 0


@tools.command("list")
def list_() -> int:
    """List the tools that can be called."""
    return _list()


@tools.command("show")
@click.argument("name")
def show(name: str) -> int:
    """Show what a tool takes and returns."""
    with enter() as client:
        [tool] = client.call(ListTools(name=name)).tools
    if setting().as_json:
        say_json(tool)
    else:
        say_lines(fields(facts(tool)))
    return 0


@tools.command("call")
@click.argument("tool_name", metavar="NAME")
@calls
@click.option("--detach", is_flag=True, help="Return at once, with the job's id.")
@click.option("--wait", "wait_ms", type=DURATION_MS, help="Wait no longer: exit 4.")
def call(
    tool_name: str, detach: bool, wait_ms: int | None, arg: tuple[str, ...], **given: Any
) -> int:
    """Call a tool, and print what it returns as JSON.

    It is a job like others, with queue, retries and log. Exits 1 if the tool fails.
    """
    args = read_args(arg, given.pop("json_args"))
    job = flags_only(**given) | {"tool": tool_name, "args": args}
    id_ = send_job(job).ids[0][0]
    if detach:
        if setting().as_json:
            say_json({"id": id_})
        else:
            say(f"#{id_}")
        return 0
    return _told(id_, wait_ms)


def _told(id_: int, wait_ms: int | None) -> int:
    def wait(client: BlockingClient) -> tuple[Finished, ...]:
        return client.call(Wait(ids=(id_,), timeout_ms=wait_ms)).finished

    finished = through_restarts(wait)
    if not finished:
        complain(f"#{id_} has not ended in time; it goes on")
        return OUT_OF_TIME
    with enter() as client:
        result = client.call(ReadResult(id=id_))
    if setting().as_json:
        say_json(plain(result))
    elif result.state == State.SUCCEEDED:
        say_json(result.result)
    else:
        why = str((result.error or {}).get("message") or result.state)
        complain(f"#{id_} {result.state}: {why}")
    return exit_code(finished[0])


def _list() -> int:
    with enter() as client:
        view = client.call(ListTools())
    if setting().as_json:
        say_json(view)
        return 0
    if view.tools:
        say_lines(table(HEADINGS, [row(tool) for tool in view.tools]))
    elif not view.modules:
        say('no tools: name modules under [tools] in the configuration, modules = ["my.tools"]')
    elif not view.waiting_for and not any(module.error for module in view.modules):
        names = ", ".join(module.name for module in view.modules)
        say(f"no tools: no function with @tool is in {names}")
    _complain(view)
    return 0


def _complain(view: ToolsView) -> None:
    for module in view.modules:
        if module.error:
            complain(f"module {module.name} was not imported: {module.error}")
    for worker in view.waiting_for:
        complain(f"worker {worker} has not described its tools yet")
