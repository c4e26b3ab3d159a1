"""`crabtui workflow show`: a run with its tasks; as a plan, a graph or a report if asked."""

import shutil

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.moments import stamp
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import fields, table
from crabtui.cli.reaching.entry import enter
from crabtui.cli.workflow.listing import counted, state_of
from crabtui.cli.workflow.plan import took
from crabtui.cli.workflow.target import run_of
from crabtui.data.flows.dot import dot
from crabtui.data.flows.plan_picture import edge_text, picture
from crabtui.data.wording import age, duration, exit_text
from engine.control.blocking import BlockingClient
from engine.control.messages import ReportWorkflow, ShowWorkflow
from engine.control.views import FlowDetail, FlowReport, TaskView

PAGE = 1_000
HEADINGS = ("JOB", "TASK", "STATE", "AFTER", "TOOK", "ENDS", "RESULT")


@click.command(cls=Verb)
@click.argument("run", metavar="ID|NAME")
@click.option("--report", is_flag=True, help="What it came to, with the results of its tasks.")
@click.option("--dot", "as_dot", is_flag=True, help="In the language of Graphviz.")
@click.option("--plan", "as_plan", is_flag=True, help="By levels, with what waits for what.")
def show(run: str, report: bool, as_dot: bool, as_plan: bool) -> int:
    """Show a run of a workflow: its tasks, and when what is left of it will end.

    NAME is that of a workflow, and means its newest run.
    """
    with enter() as client:
        number = run_of(client, run)
        if report:
            _say_report(client.call(ReportWorkflow(id=number)))
            return 0
        detail, tasks = whole(client, number)
    if setting().as_json:
        say_json({**_as_map(detail), "tasks": tasks})
    elif as_dot:
        say_lines(_dot(detail, tasks))
    else:
        _say(detail, tasks, as_plan=as_plan)
    return 0


def whole(client: BlockingClient, number: int) -> tuple[FlowDetail, list[TaskView]]:
    """A run with all of its tasks."""
    detail = client.call(ShowWorkflow(id=number, limit=PAGE))
    tasks = list(detail.tasks)
    while len(tasks) < detail.total:
        more = client.call(ShowWorkflow(id=number, offset=len(tasks), limit=PAGE)).tasks
        if not more:
            break
        tasks += more
    return detail, tasks


def _as_map(detail: FlowDetail) -> dict[str, object]:
    return {name: getattr(detail, name) for name in detail.__struct_fields__}


def _dot(detail: FlowDetail, tasks: list[TaskView]) -> list[str]:
    return list(
        dot(
            f"{detail.flow.name} {detail.flow.run}",
            {task.task: task.edges for task in tasks},
            critical=detail.critical_path,
            states={task.task: task.state for task in tasks},
            notes={task.task: task.state for task in tasks},
        )
    )


def _say(detail: FlowDetail, tasks: list[TaskView], *, as_plan: bool) -> None:
    say(f"#{detail.flow.id} {detail.flow.name}, run {detail.flow.run}")
    say_lines(fields(_facts(detail)))
    say()
    if as_plan:
        say_lines(_picture(tasks, detail))
    else:
        now = detail.now_at
        say_lines(table(HEADINGS, [_row(task, now) for task in tasks], coloured="STATE"))


def _facts(detail: FlowDetail) -> list[tuple[str, str]]:
    flow, path = detail.flow, detail.critical_path
    shown = path if len(path) <= 8 else (*path[:4], "…", *path[-3:])
    ends = detail.predicted_end_at
    guess = ", a guess" if detail.is_guess else ""
    return [
        ("state", f"{state_of(flow)} for {age(flow.state_at, detail.now_at)}"),
        ("about", flow.description),
        ("tasks", f"{counted(flow)} succeeded{_others(flow.tasks)}"),
        ("part of", f"#{flow.parent}" if flow.parent else ""),
        ("params", ", ".join(f"{name}={value}" for name, value in flow.params.items())),
        ("on failure", "" if flow.on_failure == "continue" else flow.on_failure),
        ("failed", ", ".join(flow.failed)),
        ("submitted", stamp(flow.created_at)),
        ("started", stamp(flow.started_at)),
        ("ended", stamp(flow.completed_at)),
        ("took", "" if flow.duration_ms is None else took(flow.duration_ms)),
        ("ends", f"in {duration(ends - detail.now_at)}{guess}" if ends else ""),
        ("critical path", " → ".join(shown)),
        ("paused", f"by {flow.held_by} {flow.held_why}".rstrip() if flow.held_by else ""),
        ("error", flow.error),
    ]


def _others(tasks: dict[str, int]) -> str:
    told = [f"{number:,} {state}" for state, number in tasks.items() if state != "succeeded"]
    return f", {', '.join(told)}" if told else ""


def _picture(tasks: list[TaskView], detail: FlowDetail) -> list[str]:
    levels: list[list[str]] = [[] for _ in range(detail.levels or 1)]
    for task in tasks:
        levels[min(task.level or 0, len(levels) - 1)].append(task.task)
    return picture(
        levels,
        {task.task: task.edges for task in tasks},
        critical=detail.critical_path,
        notes={task.task: task.state for task in tasks},
        width=shutil.get_terminal_size().columns,
    )


def _row(task: TaskView, now: int) -> tuple[str, ...]:
    return (
        f"#{task.id}",
        f"{'*' if task.critical else ' '}{task.task}",
        task.state,
        ", ".join(edge_text(edge) for edge in task.edges),
        "" if task.duration_ms is None else took(task.duration_ms),
        _ends(task, now),
        _came_to(task),
    )


def _ends(task: TaskView, now: int) -> str:
    if task.predicted_end_at is None:
        return ""
    return f"in {duration(task.predicted_end_at - now)}"


def _came_to(task: TaskView) -> str:
    if task.error:
        return task.error
    if task.members:
        done = task.members.get("succeeded", 0)
        return f"{done}/{sum(task.members.values())} of its {task.kind}"
    return task.result or exit_text(task.exit_code, task.signal) or task.note


def _say_report(found: FlowReport) -> None:
    if setting().as_json:
        say_json(found)
        return
    say(f"#{found.id} {found.name}, run {found.run}: {found.status}")
    done = f"{found.successful_tasks:,} of {found.task_count:,} succeeded"
    length = "" if found.duration is None else took(found.duration)
    say_lines(fields([("tasks", done), ("error", found.error or ""), ("took", length)]))
    say()
    rows = [
        (name, task.status, task.error or _text(task.result, task.result_bytes))
        for name, task in found.task_results.items()
    ]
    say_lines(table(("TASK", "STATE", "RESULT"), rows, coloured="STATE"))


def _text(result: object, left_out_bytes: int) -> str:
    import msgspec

    if left_out_bytes:
        return f"({left_out_bytes:,} bytes)"
    return "" if result is None else msgspec.json.encode(result).decode()
