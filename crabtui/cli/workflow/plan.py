"""`crabtui workflow plan`: how a workflow would run."""

import shutil

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import fields
from crabtui.cli.reaching.entry import enter
from crabtui.cli.workflow.sources import definition_of, params_of, source_options
from crabtui.data.flows.dot import dot
from crabtui.data.flows.plan_picture import picture
from crabtui.data.wording import plural
from engine.control.messages import PlanWorkflow
from engine.control.views import PlanView


@click.command(cls=Verb)
@source_options
@click.option("--dot", "as_dot", is_flag=True, help="In the language of Graphviz.")
def plan(
    source: str | None,
    template: str | None,
    param: tuple[str, ...],
    params_file: str | None,
    as_dot: bool,
) -> int:
    """Check a workflow, and show how it would run: levels, width and critical path (*).

    Nothing is stored. Times count from its start, if nothing has to queue; they are those
    of `estimated_duration`, or of the newest run.
    """
    given = params_of(param, params_file)
    with enter() as client:
        definition, had = definition_of(client, source, template)
        found = client.call(PlanWorkflow(definition=definition, params=had | given))
    if setting().as_json:
        say_json(found)
    elif as_dot:
        say_lines(plan_dot(found))
    else:
        _say(found)
    return 0


def plan_dot(found: PlanView) -> list[str]:
    """A plan for Graphviz."""
    edges = {name: task.edges for name, task in found.task_map.items()}
    notes = {name: _kind(found, name) for name in found.task_map}
    return list(dot(found.name, edges, critical=found.critical_path, notes=notes))


def _say(found: PlanView) -> None:
    say(f"{found.name}: {plural(found.task_count, 'job')}")
    say_lines(fields(_facts(found)))
    say()
    edges = {name: task.edges for name, task in found.task_map.items()}
    notes = {name: _note(found, name) for name in found.task_map}
    width = shutil.get_terminal_size().columns
    say_lines(
        picture(found.levels, edges, critical=found.critical_path, notes=notes, width=width)
    )
    if found.left_out:
        say(f"and {plural(found.left_out, 'task')} more")


def _facts(found: PlanView) -> list[tuple[str, str]]:
    path, is_cut = found.critical_path, found.left_out > 0
    end = () if is_cut else path[-3:]
    shown = path if len(path) <= 8 else (*path[:4], "…", *end)
    workers = plural(found.max_parallelism, "worker")
    guess = " (a guess: not every task says how long it takes)" if found.is_guess else ""
    return [
        ("about", found.description),
        ("params", ", ".join(f"{name}={value}" for name, value in found.params.items())),
        ("levels", f"{len(found.levels):,}{' or more' if is_cut else ''}"),
        ("width", f"{found.max_parallelism} at once"),
        ("critical path", " → ".join(shown)),
        ("length", f"{took(found.duration_ms)}{guess}"),
        ("efficiency", f"{found.efficiency:.0%} of the time of {workers}"),
    ]


def _note(found: PlanView, name: str) -> str:
    task = found.task_map[name]
    slack = f"+{took(task.slack_ms)}" if task.slack_ms else ""
    when = f"{took(task.start_ms)}–{took(task.end_ms)}"
    return "  ".join(filter(None, (_kind(found, name), when, slack)))


def _kind(found: PlanView, name: str) -> str:
    task = found.task_map[name]
    many = f" of {task.tasks:,}" if task.tasks > 1 else ""
    return "" if task.kind == "command" else f"[{task.kind}{many}]"


def took(ms: int) -> str:
    """`350ms`, `1.5s`, `4m10s`."""
    ms = max(ms, 0)
    if ms < 1_000:
        return f"{ms}ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f}".removesuffix(".0") + "s"
    from crabtui.data.wording import duration

    return duration(ms * 1_000)
