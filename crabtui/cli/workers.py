"""`crabtui workers`: list workers; drain one, or let it take work again."""

import click

from crabtui.cli.acting import tell
from crabtui.cli.entry import enter
from crabtui.cli.output import say_json, say_lines
from crabtui.cli.setting import setting
from crabtui.cli.tables import table
from crabtui.cli.verb import VerbGroup
from engine.control.messages import ListWorkers, SetWorker
from engine.control.views import WorkerView

HEADINGS = (
    *("WORKER", "BACKEND", "HEALTH", "SLOTS"),
    *("CPU", "MEMORY", "GPU", "LIMITS", "LABELS", "NOTE"),
)


@click.group(cls=VerbGroup, invoke_without_command=True)
@click.pass_context
def workers(context: click.Context) -> int:
    """List workers, or change one."""
    if context.invoked_subcommand is None:
        _list()
    return 0


@workers.command("list")
def list_workers() -> int:
    """List workers with what is taken of them."""
    _list()
    return 0


@workers.command("drain")
@click.argument("name")
@click.option("--why", default="", metavar="TEXT", help="Shown to those who ask.")
def drain(name: str, why: str) -> int:
    """Start nothing new on a worker; what runs there goes on."""
    return _set(SetWorker(name=name, drain=True, why=why))


@workers.command("resume")
@click.argument("name")
def resume(name: str) -> int:
    """Let a drained worker take work again."""
    return _set(SetWorker(name=name, drain=False))


def _set(ask: SetWorker) -> int:
    with enter() as client:
        return tell(client.call(ask))


def _list() -> None:
    with enter() as client:
        view = client.call(ListWorkers())
    if setting().as_json:
        say_json(view)
        return
    right = frozenset({"SLOTS", "CPU", "MEMORY", "GPU"})
    say_lines(table(HEADINGS, [_row(worker) for worker in view.workers], right=right))


def _row(worker: WorkerView) -> tuple[str, ...]:
    return (
        worker.name,
        worker.backend,
        worker.health,
        f"{worker.slots_taken}/{worker.slots}",
        _used(worker, "cpu_milli", 1000, ""),
        _used(worker, "memory_mb", 1024, "G"),
        _used(worker, "gpu", 1, ""),
        worker.limits or "-",
        ",".join(worker.labels),
        _note(worker),
    )


def _used(worker: WorkerView, name: str, unit: int, suffix: str) -> str:
    total = worker.capacity.get(name, 0)
    if not total:
        return "-"
    return f"{worker.taken.get(name, 0) / unit:.3g}/{total / unit:.3g}{suffix}"


def _note(worker: WorkerView) -> str:
    notes = ["production"] if worker.production else []
    if worker.draining:
        waits = " ".join(f"#{job}" for job in worker.waits_for)
        notes.append(f"draining, waits for {waits}" if waits else "drained")
    return ", ".join(notes)
