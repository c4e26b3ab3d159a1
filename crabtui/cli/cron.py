"""`crabtui cron`: list what recurs; add, show, pause, resume, remove or run it."""

from typing import Any

import click

from crabtui.cli.frame.acting import tell
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.options.job import described, flags_only, job_options
from crabtui.cli.options.spans import DURATION_MS
from crabtui.cli.printing.cron_lines import HEADINGS, facts, instants, row
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import fields, table
from crabtui.cli.reaching.entry import enter
from crabtui.cli.submitting.surroundings import surroundings
from engine.control.messages import ActOnCron, AddCron, ListCrons, ShowCron
from engine.errors import InvalidSpec
from engine.model.ids import check_name


@click.group(cls=VerbGroup, invoke_without_command=True)
@click.pass_context
def cron(context: click.Context) -> int:
    """List what recurs, or add, show, pause, resume, remove or run it."""
    if context.invoked_subcommand is None:
        return _list()
    return 0


@cron.command("list")
def list_() -> int:
    """List what recurs: when next, and how the last run went."""
    return _list()


@cron.command("add")
@click.argument("cron_name", metavar="NAME")
@click.argument("spec")
@job_options
@click.option("--file", "-f", metavar="FILE", help="One job as JSON, YAML or TOML.")
@click.option("--workflow", metavar="FILE", help="The definition of a workflow.")
@click.option("--param", "-p", multiple=True, metavar="NAME=VALUE", help="Of the workflow.")
@click.option("--tz", metavar="ZONE", help="Such as Europe/Berlin.  [default: the daemon's]")
@click.option(
    "--missed",
    type=click.Choice(["skip", "once", "all"]),
    default="once",
    help="Runs that nobody could start in time.  [default: once]",
)
@click.option(
    "--overlap",
    type=click.Choice(["skip", "queue", "cancel_running", "allow"]),
    default="skip",
    help="If the last run has not ended.  [default: skip]",
)
@click.option("--jitter", type=DURATION_MS, default=0, help="Late by a chance part of this.")
@click.option("--start", metavar="TIME", help="No run before.")
@click.option("--end", metavar="TIME", help="No run after.")
@click.option("--replace", is_flag=True, help="In the place of the one with this name.")
def add(
    cron_name: str,
    spec: str,
    argv: tuple[str, ...],
    shell: str | None,
    file: str | None,
    workflow: str | None,
    **given: Any,
) -> int:
    """Submit a job or a workflow again and again.

    SPEC is five fields (minute hour day month weekday), @hourly, @daily, @weekly, @monthly,
    @yearly, or @every 90s. A time that the clocks skip is due right after; one that comes
    twice is due once.
    """
    said = {key: given.pop(key) for key in ("missed", "overlap", "start", "end", "replace")}
    zone, jitter_ms = given.pop("tz") or "", given.pop("jitter")
    body = _body(argv, shell, file, workflow, given.pop("param"), given)
    with enter() as client:
        cwd, env = surroundings(client)
        added = client.call(
            AddCron(
                name=check_name("cron", cron_name),
                spec=spec,
                zone=zone,
                jitter_ms=jitter_ms,
                cwd=cwd,
                env=env,
                **said,
                **body,
            )
        )
    if setting().as_json:
        say_json(added)
    else:
        first = instants(added.next[:1], added.zone, added.now_at)[0]
        say(f"{added.name}: next {first}" + (f" (was {added.was})" if added.was else ""))
    return 0


@cron.command("show")
@click.argument("name")
def show(name: str) -> int:
    """Show everything about one of them."""
    with enter() as client:
        detail = client.call(ShowCron(name=name))
    if setting().as_json:
        say_json(detail)
    else:
        say_lines(fields(facts(detail)))
    return 0


@cron.command("next")
@click.argument("name")
@click.option("-n", "count", type=click.IntRange(1, 1000), default=5, help="How many.")
def next_(name: str, count: int) -> int:
    """Print when its next runs are due, in its own zone."""
    with enter() as client:
        detail = client.call(ShowCron(name=name, count=count))
    if setting().as_json:
        say_json({"name": name, "zone": detail.cron.zone, "next": detail.next})
    else:
        say_lines(instants(detail.next, detail.cron.zone, detail.now_at))
    return 0


@cron.command("pause")
@click.argument("name")
@click.option("--why", default="", metavar="TEXT", help="Written down with it.")
def pause(name: str, why: str) -> int:
    """Start no run of it until it is resumed; none of them counts as missed."""
    return _act(ActOnCron(name=name, act="pause", why=why))


@cron.command("resume")
@click.argument("name")
def resume(name: str) -> int:
    """End its pause; the next run is the first one from now on."""
    return _act(ActOnCron(name=name, act="resume"))


@cron.command("remove")
@click.argument("name")
def remove(name: str) -> int:
    """Forget it; jobs of it go on."""
    return _act(ActOnCron(name=name, act="remove"))


@cron.command("run")
@click.argument("name")
def run(name: str) -> int:
    """Submit a run of it now, beside its schedule."""
    return _act(ActOnCron(name=name, act="run"))


def _body(
    argv: tuple[str, ...],
    shell: str | None,
    file: str | None,
    workflow: str | None,
    param: tuple[str, ...],
    given: dict[str, Any],
) -> dict[str, Any]:
    """What is to be submitted. Raises: InvalidSpec: nothing, or more than one thing."""
    ways = [bool(argv) or shell is not None, file is not None, workflow is not None]
    if sum(ways) > 1:
        raise InvalidSpec("give one of a command, --file and --workflow", field="file")
    if param and workflow is None:
        raise InvalidSpec("--param goes with --workflow", field="param")
    if workflow is not None:
        from crabtui.cli.workflow.sources import from_file, params_of

        return {"workflow": from_file(workflow), "params": params_of(param, None)}
    if file is not None:
        return {"job": flags_only(**given) | _only_job(file)}
    job = described(argv, shell, **given)
    job.pop("parent_id", None)
    return {"job": job}


def _only_job(file: str) -> dict[str, Any]:
    import sys

    from crabtui.data.files.jobfile import load

    try:
        found = load(file, sys.stdin.buffer)
    except OSError as trouble:
        raise InvalidSpec(f"{file}: {trouble.strerror}", field="file") from None
    if found.ndjson is not None or len(found.jobs) != 1:
        raise InvalidSpec(f"{file}: a cron takes exactly one job", field="file")
    job: dict[str, Any] = found.defaults | found.jobs[0]
    return job


def _act(ask: ActOnCron) -> int:
    with enter() as client:
        return tell(client.call(ask))


def _list() -> int:
    with enter() as client:
        view = client.call(ListCrons())
    if setting().as_json:
        say_json(view)
        return 0
    if not view.crons:
        say(
            "nothing recurs: `crabtui cron add NAME @hourly -- COMMAND` submits again and again"
        )
        return 0
    rows = [row(one, view.now_at) for one in view.crons]
    say_lines(table(HEADINGS, rows, right=frozenset({"MISSED"}), coloured="STATE"))
    return 0
