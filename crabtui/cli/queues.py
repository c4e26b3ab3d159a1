"""`crabtui queues`: list queues; pause, resume, limit, weigh or reset one."""

import click

from crabtui.cli.frame.acting import tell
from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.wording import age
from engine.control.messages import ListQueues, SetQueue
from engine.control.views import QueueView
from engine.errors import InvalidSpec
from engine.model.ids import check_name

HEADINGS = (
    "QUEUE",
    "RUNNING",
    "LIMIT",
    "WEIGHT",
    "QUEUED",
    "RETRYING",
    "PENDING",
    "DEPTH",
    "OLDEST",
    "STARTS/MIN",
    "ENDS/MIN",
)


@click.group(cls=VerbGroup, invoke_without_command=True)
@at_option
@click.pass_context
def queues(context: click.Context, at: str | None) -> int:
    """List queues, or change one."""
    if context.invoked_subcommand is None:
        _list(at)
    return 0


@queues.command("list")
@at_option
def list_queues(at: str | None) -> int:
    """List queues: what they do, and what waits in them."""
    _list(at)
    return 0


@queues.command("pause")
@click.argument("name")
@click.option("--why", default="", metavar="TEXT", help="Shown to those who ask.")
def pause(name: str, why: str) -> int:
    """Start nothing new from a queue; what runs goes on."""
    return _set(SetQueue(name=check_name("queue", name), pause=True, why=why))


@queues.command("resume")
@click.argument("name")
def resume(name: str) -> int:
    """End a queue's pause."""
    return _set(SetQueue(name=check_name("queue", name), pause=False))


@queues.command("limit")
@click.argument("name")
@click.argument("limit", metavar="N|none")
def limit_queue(name: str, limit: str) -> int:
    """Let at most N jobs of a queue run at once."""
    if limit.lower() == "none":
        return _set(SetQueue(name=check_name("queue", name), no_limit=True))
    return _set(SetQueue(name=check_name("queue", name), limit=_whole("limit", limit, 0)))


@queues.command("weight")
@click.argument("name")
@click.argument("weight", metavar="N")
def weigh_queue(name: str, weight: str) -> int:
    """Give a queue N shares of what starts, against the others' weights."""
    return _set(SetQueue(name=check_name("queue", name), weight=_whole("weight", weight, 1)))


@queues.command("reset")
@click.argument("name")
def reset_queue(name: str) -> int:
    """Take limit and weight from the configuration again."""
    return _set(SetQueue(name=check_name("queue", name), reset=True))


def _set(ask: SetQueue) -> int:
    with enter() as client:
        return tell(client.call(ask))


def _whole(field: str, text: str, least: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 8 and int(text) >= least:
        return int(text)
    raise InvalidSpec(f"{text!r} is no {field}: a whole number from {least} on", field=field)


def _list(at: str | None) -> None:
    with enter() as client:
        then = moment_of(client, at)
        view = client.call(ListQueues(as_of=then.seq))
        if setting().as_json:
            say_json(view)
            return
        if not view.queues:
            say("no queues: `crabtui submit --queue NAME` makes one")
            return
        rows = [_row(queue, then.now) for queue in view.queues]
        say_lines(table((*HEADINGS, "NOTE"), rows, right=frozenset(HEADINGS[1:])))
        if view.max_depth is not None:
            say(f"all queues: {_depth(view.depth, view.max_depth)} jobs wait, mode {view.mode}")


def _row(queue: QueueView, now: int) -> tuple[str, ...]:
    return (
        queue.name,
        str(queue.running),
        _limit(queue),
        str(queue.weight),
        str(queue.queued),
        str(queue.retrying),
        str(queue.pending),
        _depth(queue.queued + queue.pending, queue.max_depth),
        age(queue.oldest_queued_at, now),
        str(queue.starts_per_min),
        str(queue.ends_per_min),
        _note(queue, now),
    )


def _limit(queue: QueueView) -> str:
    """The limit, and where from: `4 (config)`."""
    if queue.limit is None:
        return "-"
    return f"{queue.limit} ({queue.limit_from})" if queue.limit_from else str(queue.limit)


def _depth(depth: int, most: int | None) -> str:
    return str(depth) if most is None else f"{depth}/{most}"


def _note(queue: QueueView, now: int) -> str:
    """Whatever is out of the ordinary."""
    notes = (
        _pause(queue, now),
        f"mode {queue.mode}" if queue.mode != "normal" else "",
        f"starts {queue.rate} at most" if queue.rate else "",
    )
    return ", ".join(note for note in notes if note)


def _pause(queue: QueueView, now: int) -> str:
    if queue.paused_by is None:
        return ""
    why = f": {queue.paused_why}" if queue.paused_why else ""
    return f"paused {age(queue.paused_at, now)} by {queue.paused_by}{why}"
