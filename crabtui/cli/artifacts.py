"""`crabtui artifacts`: list, show and get what attempts left."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.options.targets import read_id
from crabtui.cli.printing.log_writer import LogWriter
from crabtui.cli.printing.moments import stamp
from crabtui.cli.printing.output import plain, say, say_json, say_lines
from crabtui.cli.printing.tables import fields, table
from crabtui.cli.reaching.entry import enter
from crabtui.data.logs.words import size_text
from crabtui.data.sanitize import sanitize
from engine.control.blobs import get_artifact
from engine.control.blocking import BlockingClient
from engine.control.messages import ListArtifacts
from engine.control.views import ArtifactsView, ArtifactView, CollectionView
from engine.errors import InvalidSpec, NotFound

HEADINGS: Final = ("ID", "JOB", "TYPE", "SIZE", "NAME", "PATH", "COLLECTED")
SHOWN_BYTES: Final = 16_384
AT_ONCE: Final = 1_000


@click.group(cls=VerbGroup)
def artifacts() -> None:
    """What attempts left: files that jobs declared with --output."""


@artifacts.command("list")
@click.argument("job", required=False, metavar="[JOB]")
@click.option("--job", "also", metavar="ID", help="The same as JOB.")
@click.option("--type", "kind", metavar="TYPE", help="log, junit, coverage, patch or other.")
@click.option("--limit", type=click.IntRange(1, AT_ONCE), default=100, show_default=True)
def list_artifacts(job: str | None, also: str | None, kind: str | None, limit: int) -> int:
    """List artifacts, the newest first."""
    number = _job(job, also)
    with enter() as client:
        view = client.call(ListArtifacts(job=number, type=kind, count=limit))
    if setting().as_json:
        say_json(view)
    else:
        _say(view)
    return 0


@artifacts.command("show")
@click.argument("artifact", metavar="ARTIFACT")
def show_artifact(artifact: str) -> int:
    """Show one artifact, and the beginning of it if it is text."""
    with enter() as client:
        found = _one(client, artifact)
        if setting().as_json:
            say_json(found)
            return 0
        say_lines(fields(_about(found)))
        head = next(get_artifact(client, found), b"")[:SHOWN_BYTES]
    say()
    say_lines(_preview(head, found.size))
    return 0


@artifacts.command("get")
@click.argument("chosen", nargs=-1, metavar="[ARTIFACT]...")
@click.option("--job", metavar="ID", help="All of this job.")
@click.option("--type", "kind", metavar="TYPE", help="Only of this type.")
@click.option(
    "--output", "-o", default=".", metavar="DIR", help="Where to; - prints it.  [default: here]"
)
@click.option("--force", "-f", is_flag=True, help="Replace files that are there.")
def get(
    chosen: tuple[str, ...], job: str | None, kind: str | None, output: str, force: bool
) -> int:
    """Get artifacts as files: under their paths below DIR, or one alone by its name."""
    with enter() as client:
        found = _chosen(client, chosen, job, kind)
        if output == "-":
            _print(client, found)
            return 0
        places = [(one, _place(Path(output), one, len(found))) for one in found]
        _must_be_several(places)
        if not force:
            _must_be_free([path for _, path in places])
        for one, path in places:
            _write(client, one, path)
            if not setting().as_json:
                say(f"{path}  {size_text(one.size)}")
    if setting().as_json:
        say_json([{**plain(one), "file": str(path)} for one, path in places])
    return 0


def _job(job: str | None, also: str | None) -> int | None:
    if job is not None and also is not None:
        raise InvalidSpec("name the job once", field="job")
    word = job if job is not None else also
    return None if word is None else read_id(word)


def _chosen(
    client: BlockingClient, chosen: Sequence[str], job: str | None, kind: str | None
) -> list[ArtifactView]:
    if bool(chosen) == (job is not None):
        raise InvalidSpec("say which: ids of artifacts, or --job ID", field="artifact")
    if chosen:
        return [_one(client, word) for word in chosen]
    number = read_id(job or "")
    newest = {one.path: one for one in reversed(_all(client, number, kind))}
    if not newest:
        raise NotFound(f"#{number} has no artifacts{f' of type {kind}' if kind else ''}")
    return list(newest.values())


def _all(client: BlockingClient, job: int, kind: str | None) -> list[ArtifactView]:
    found: list[ArtifactView] = []
    below: int | None = 0
    while below is not None:
        view = client.call(ListArtifacts(job=job, type=kind, below=below, count=AT_ONCE))
        found += view.artifacts
        below = view.next
    return found


def _one(client: BlockingClient, word: str) -> ArtifactView:
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        raise InvalidSpec(
            f"{word!r} is no id of an artifact; `crabtui artifacts list` has them",
            field="artifact",
        )
    found = client.call(ListArtifacts(below=int(word) + 1, count=1)).artifacts
    if not found or found[0].id != int(word):
        raise NotFound(f"there is no artifact {word}")
    return found[0]


def _say(view: ArtifactsView) -> None:
    if view.reused is not None:
        say(f"its result, and what is listed here, is that of #{view.reused}")
    if view.artifacts:
        right = frozenset({"ID", "SIZE"})
        say_lines(table(HEADINGS, [_row(one) for one in view.artifacts], right=right))
    else:
        say("no artifacts: `crabtui submit --output GLOB` keeps files that a job leaves")
    for one in view.collections:
        if text := _outputs(one):
            say(text)


def _outputs(one: CollectionView) -> str:
    """What is to be said of an attempt's outputs, if all is not well."""
    if one.state == "owed":
        why = f": {one.note}" if one.note else ""
        return f"{one.attempt}: its outputs are still on {one.worker}{why}"
    if one.state == "lost":
        return f"{one.attempt}: its outputs are lost: {one.note}"
    missing = f"no file matched {', '.join(one.missing)}" if one.missing else ""
    said = "; ".join(text for text in (missing, one.note) if text)
    return f"{one.attempt}: {said}" if said else ""


def _row(one: ArtifactView) -> tuple[str, ...]:
    size, name = size_text(one.size), one.name if one.name != one.path else "-"
    return (str(one.id), f"#{one.job}", one.type, size, name, one.path, stamp(one.at))


def _about(one: ArtifactView) -> list[tuple[str, str]]:
    return [
        ("artifact", str(one.id)),
        ("job", f"#{one.job}, attempt {one.attempt}"),
        ("name", one.name),
        ("type", one.type),
        ("path", one.path),
        ("size", f"{size_text(one.size)} ({one.size:,} bytes)"),
        ("sha256", one.sha),
        ("collected", stamp(one.at)),
    ]


def _preview(head: bytes, size: int) -> list[str]:
    if b"\0" in head:
        return ["no text"]
    lines = [sanitize(line) for line in head.decode("utf-8", "replace").splitlines()]
    return [*lines, f"… {size - len(head):,} more bytes"] if size > len(head) else lines


def _place(folder: Path, one: ArtifactView, number: int) -> Path:
    """Where a file goes; never out of the folder, whatever its path says."""
    parts = one.path.split("/")
    if not all(parts) or any(part in (".", "..") or "\0" in part for part in parts):
        raise InvalidSpec(f"artifact {one.id} has a path that leads elsewhere: {one.path!r}")
    return folder.joinpath(*parts) if number > 1 else folder / parts[-1]


def _must_be_several(places: Sequence[tuple[ArtifactView, Path]]) -> None:
    """Let no file replace another that was got just before. Raises: InvalidSpec."""
    taken: dict[Path, int] = {}
    for one, path in places:
        other = taken.setdefault(path, one.id)
        if other != one.id:
            raise InvalidSpec(
                f"artifacts {other} and {one.id} would both be {path}; get them one by one, "
                "each to another --output",
                field="artifact",
            )


def _must_be_free(paths: Sequence[Path]) -> None:
    for path in paths:
        if os.path.lexists(path):
            raise InvalidSpec(f"{path} is there already; --force replaces it", field="output")


def _write(client: BlockingClient, one: ArtifactView, path: Path) -> None:
    """Write a file: all of it under its name, or nothing."""
    part = path.with_name(f".crabtui-{one.id}-{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            for piece in get_artifact(client, one):
                file.write(piece)
        part.replace(path)
    except OSError as trouble:
        raise InvalidSpec(f"{path}: {trouble.strerror}", field="output") from None
    finally:
        part.unlink(missing_ok=True)


def _print(client: BlockingClient, found: Sequence[ArtifactView]) -> None:
    """As they are, but for a terminal, which they are not to command."""
    for one in found:
        writer = LogWriter(sys.stdout)
        for piece in get_artifact(client, one):
            writer.write(piece)
        writer.finish()
