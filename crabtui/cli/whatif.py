"""`crabtui whatif`: who would start earlier or later if something were done; and doing it."""

from collections.abc import Iterator
from typing import Any

import click

from crabtui.cli.frame.acting import REFUSED, tell
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.options.job import change_options, changes
from crabtui.cli.options.targets import read_targets
from crabtui.cli.printing.output import plain, say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.wording import duration
from engine.control.messages import Apply, WhatIf
from engine.control.views import Acted, MovedView, Preview
from engine.errors import InvalidSpec
from engine.model.ids import check_name

HEADINGS = ("", "JOB", "NAME", "QUEUE", "PLACE", "STARTS", "WORKER")
SHOWN = 20


@click.group(cls=VerbGroup, invoke_without_command=True)
@click.option("--apply", "token", metavar="TOKEN", help="Do what a preview showed.")
@click.pass_context
def whatif(context: click.Context, token: str | None) -> int:
    """Say who would start earlier or later if this were done; nothing is."""
    if context.invoked_subcommand is not None:
        return 0
    if token is None:
        raise InvalidSpec("what if what? See `crabtui whatif --help`", field="act")
    return _apply(token)


def _apply(token: str) -> int:
    with enter() as client:
        applied = client.call(Apply(token=token))
    if setting().as_json:
        say_json(applied)
        return 0 if all(each.ok for each in applied.results) else REFUSED
    say(f"done: {applied.act}")
    return tell(Acted(results=applied.results, matched=len(applied.results)))


@whatif.command("priority")
@click.argument("job", metavar="ID")
@click.argument("level")
def change_priority(job: str, level: str) -> int:
    """Jobs get another priority."""
    return _ask(WhatIf(act="priority", targets=read_targets((job,), None), to=level))


@whatif.command("cancel")
@click.argument("jobs", metavar="ID...", nargs=-1)
def cancel(jobs: tuple[str, ...]) -> int:
    """Jobs are canceled."""
    return _ask(WhatIf(act="cancel", targets=read_targets(jobs, None)))


@whatif.command("hold")
@click.argument("jobs", metavar="ID...", nargs=-1)
def hold(jobs: tuple[str, ...]) -> int:
    """Jobs are put on hold."""
    return _ask(WhatIf(act="hold", targets=read_targets(jobs, None)))


@whatif.command("release")
@click.argument("jobs", metavar="ID...", nargs=-1)
def release(jobs: tuple[str, ...]) -> int:
    """Jobs are taken off hold."""
    return _ask(WhatIf(act="release", targets=read_targets(jobs, None)))


@whatif.command("edit")
@click.argument("jobs", metavar="ID...", nargs=-1)
@change_options()
def edit(jobs: tuple[str, ...], clear: tuple[str, ...], **given: Any) -> int:
    """Jobs that have not started are changed."""
    said = changes(clear, **given)
    return _ask(WhatIf(act="edit", targets=read_targets(jobs, None), changes=said))


@whatif.command("drain")
@click.argument("worker")
def drain(worker: str) -> int:
    """A worker takes no new work."""
    return _ask(WhatIf(act="drain", name=worker))


@whatif.group("worker", cls=VerbGroup)
def worker() -> None:
    """A worker is added, or takes work again."""


@worker.command("resume")
@click.argument("name")
def resume_worker(name: str) -> int:
    """A drained worker takes work again."""
    return _ask(WhatIf(act="resume_worker", name=name))


@worker.command("add")
@click.option("--cpus", metavar="N", required=True, help="Cores.")
@click.option("--memory", metavar="SIZE", help="512M, 2G.")
@click.option("--gpus", metavar="N", help="Number of devices.")
@click.option("--gpu-type", metavar="NAME", help="The kind of device.")
@click.option("--slots", metavar="N", type=int, help="Jobs at once.  [default: its cores]")
@click.option("--label", "labels", multiple=True, metavar="LABEL", help="Any number of them.")
def add_worker(labels: tuple[str, ...], **given: Any) -> int:
    """There is one more worker, empty."""
    named = {key: value for key, value in given.items() if value is not None}
    return _ask(WhatIf(act="add_worker", worker=named | {"labels": labels}))


@whatif.command("limit")
@click.argument("queue")
@click.argument("limit", metavar="N|none")
def limit(queue: str, limit: str) -> int:
    """At most N jobs of a queue run at once."""
    most = None if limit.lower() == "none" else _whole("limit", limit)
    return _ask(WhatIf(act="limit", name=check_name("queue", queue), limit=most))


@whatif.command("weight")
@click.argument("queue")
@click.argument("weight", metavar="N")
def weigh(queue: str, weight: str) -> int:
    """A queue has N shares of what starts."""
    shares = _whole("weight", weight)
    return _ask(WhatIf(act="weight", name=check_name("queue", queue), limit=shares))


@whatif.command("pause")
@click.argument("queue")
def pause(queue: str) -> int:
    """A queue is paused."""
    return _ask(WhatIf(act="pause", name=check_name("queue", queue)))


@whatif.command("resume")
@click.argument("queue")
def resume(queue: str) -> int:
    """A queue's pause ends."""
    return _ask(WhatIf(act="resume", name=check_name("queue", queue)))


def _whole(field: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 8:
        return int(text)
    raise InvalidSpec(f"{text!r} is no {field}: a whole number", field=field)


def _ask(request: WhatIf) -> int:
    with enter() as client:
        preview = client.call(request)
    if setting().as_json:
        say_json(plain(preview))
        return 0
    say(f"if: {preview.act}")
    say(
        f"{len(preview.earlier)} earlier, {len(preview.later)} later, "
        f"{preview.unchanged} as before, of the next {preview.grants} grants"
    )
    if preview.looked_ms is not None:
        say(
            f"(of the next {duration(preview.looked_ms * 1000)} only: what comes later would "
            "take too long to find out)"
        )
    if preview.displaced:
        say("to make room and wait again: " + ", ".join(f"#{job}" for job in preview.displaced))
    rows = list(_rows(preview))
    if rows:
        say_lines(table(HEADINGS, rows))
        say(
            f"(taking {duration(preview.assumed_ms * 1000)} for jobs of which nothing is known)"
        )
    if preview.token:
        say(f"to do it: crabtui whatif --apply {preview.token}")
    return 0


def _rows(preview: Preview) -> Iterator[tuple[str, ...]]:
    for word, jobs in (("earlier", preview.earlier), ("later", preview.later)):
        for job in jobs[:SHOWN]:
            yield _row(word, job)
        if len(jobs) > SHOWN:
            yield (word, f"and {len(jobs) - SHOWN} more", "", "", "", "", "")


def _row(word: str, job: MovedView) -> tuple[str, ...]:
    return (
        word,
        f"#{job.id}",
        job.name,
        job.queue,
        f"{job.was_place or '-'} → {job.place or '-'}",
        _starts(_start(job.was_starts_ms), _start(job.starts_ms)),
        job.worker or "-",
    )


def _starts(was: str, now: str) -> str:
    """Both, or one where only the place is another."""
    return f"{now} as before" if was == now else f"{was} → {now}"


def _start(ms: int | None) -> str:
    return "not in sight" if ms is None else "now" if ms <= 0 else f"in {duration(ms * 1000)}"
