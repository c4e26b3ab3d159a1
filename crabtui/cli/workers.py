"""`crabtui workers`: list workers; add, drain, set aside, look after or remove one."""

import click

from crabtui.cli.completion import complete_workers
from crabtui.cli.frame.acting import tell
from crabtui.cli.frame.asking import must_type
from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.printing.worker_facts import HEADINGS, RIGHT, facts, row
from crabtui.cli.reaching.entry import enter
from crabtui.cli.worker_adding import add, authorize, reconnect
from engine.control.blocking import BlockingClient
from engine.control.messages import ActOnWorker, ListWorkers, SetWorker
from engine.control.views import WorkersView, WorkerView
from engine.errors import NotFound
from engine.model.words import nearest

NAME = click.argument("name", shell_complete=complete_workers)
WHY = click.option("--why", default="", metavar="TEXT", help="Shown to those who ask.")


@click.group(cls=VerbGroup, invoke_without_command=True)
@at_option
@click.pass_context
def workers(context: click.Context, at: str | None) -> int:
    """List workers, or change one."""
    if context.invoked_subcommand is None:
        _list(at)
    return 0


@workers.command("list")
@at_option
def list_workers(at: str | None) -> int:
    """List workers with what is taken of them."""
    _list(at)
    return 0


@workers.command("show")
@NAME
def show(name: str) -> int:
    """Show everything about a worker: link, looks, warnings, what it waits for."""
    with enter() as client:
        view = client.call(ListWorkers())
    worker = _find(view, name)
    if setting().as_json:
        say_json(worker)
        return 0
    say(worker.name)
    say_lines(facts(worker, view.now_at))
    return 0


workers.add_command(add)


@workers.command("drain")
@NAME
@WHY
def drain(name: str, why: str) -> int:
    """Start nothing new on a worker; what runs there goes on."""
    return _set(SetWorker(name=name, drain=True, why=why))


@workers.command("resume")
@NAME
def resume(name: str) -> int:
    """Let a drained worker take work again."""
    return _set(SetWorker(name=name, drain=False))


@workers.command("remove")
@NAME
@WHY
def remove(name: str, why: str) -> int:
    """Forget a worker that was added by command; nothing may run there any more."""
    return _act(ActOnWorker(name=name, act="remove", why=why))


@workers.command("quarantine")
@NAME
@click.option("--why", required=True, metavar="TEXT", help="Shown to those who ask.")
def quarantine(name: str, why: str) -> int:
    """Keep a worker from all new work until it is released."""
    return _act(ActOnWorker(name=name, act="quarantine", why=why))


@workers.command("release")
@NAME
@WHY
def release(name: str, why: str) -> int:
    """Take a worker out of quarantine."""
    return _act(ActOnWorker(name=name, act="release", why=why))


@workers.command("probe")
@NAME
def probe(name: str) -> int:
    """Look at a worker's host now."""
    return _act(ActOnWorker(name=name, act="probe"))


workers.add_command(reconnect)


@workers.command("reset")
@NAME
@WHY
def reset(name: str, why: str) -> int:
    """Close a worker's circuit breaker: it is trusted again at once."""
    return _act(ActOnWorker(name=name, act="reset", why=why))


@workers.command("declare-dead")
@NAME
@WHY
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def declare_dead(name: str, why: str, yes: bool) -> int:
    """Give up what runs on a host that will not come back: your word is the proof.

    Its jobs are lost, and run again where their restart contract lets them. If the host is
    alive after all, they run twice until it is reached.
    """
    with enter() as client:
        if not yes:
            must_type(name, _at_stake(client, name), "declare-dead")
        return tell(client.call(ActOnWorker(name=name, act="declare_dead", why=why)))


workers.add_command(authorize)


def _at_stake(client: BlockingClient, name: str) -> str:
    worker = _find(client.call(ListWorkers()), name)
    jobs = " ".join(f"#{job}" for job in worker.at_risk or worker.waits_for)
    what = f"lost will be {jobs}" if jobs else "nothing is known to run there"
    return f"{name} is {worker.health}; {what}"


def _find(view: WorkersView, name: str) -> WorkerView:
    for worker in view.workers:
        if worker.name == name:
            return worker
    names = [worker.name for worker in view.workers]
    near = nearest(name, names)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(names)}"
    raise NotFound(f"there is no worker {name!r}: {hint}", field="name", nearest=near)


def _set(ask: SetWorker) -> int:
    with enter() as client:
        return tell(client.call(ask))


def _act(ask: ActOnWorker) -> int:
    with enter() as client:
        return tell(client.call(ask))


def _list(at: str | None) -> None:
    with enter() as client:
        view = client.call(ListWorkers(as_of=moment_of(client, at).seq))
    if setting().as_json:
        say_json(view)
        return
    if not view.workers:
        say("no workers: `crabtui workers add NAME USER@HOST` adds one")
        return
    rows = [row(worker, view.now_at) for worker in view.workers]
    say_lines(table(HEADINGS, rows, right=RIGHT))
