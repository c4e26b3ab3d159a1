"""`crabtui cache`: how much is kept to be quicker, how often it helped, and forgetting it."""

from typing import Final

import click

from crabtui.cli.frame.asking import at_terminal, says_yes
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.logs.words import size_text
from crabtui.data.wording import duration
from engine.control.messages import ClearCache, ShowCache
from engine.control.views import CacheCountView, CacheView
from engine.errors import InvalidSpec

HEADINGS: Final = ("WHAT", "HITS", "MISSES", "RATE", "RESTORE", "STORE", "SIZE", "SAVED")
RIGHT: Final = frozenset(HEADINGS[1:])
_WHAT: Final = {"blob": "blobs", "memo": "results"}


@click.group(cls=VerbGroup)
def cache() -> None:
    """Blobs, results that are reused, and build caches."""


@cache.command("stats")
def stats() -> int:
    """Say how much is kept, and how often it was found."""
    with enter() as client:
        view = client.call(ShowCache())
    if setting().as_json:
        say_json(view)
    else:
        _say(view)
    return 0


@cache.command("clear")
@click.option("--results", is_flag=True, help="Nothing of what ran until now is reused.")
@click.option("--blobs", is_flag=True, help="Remove blobs that nothing needs.")
@click.option("--counts", is_flag=True, help="Count hits and misses anew.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def clear(results: bool, blobs: bool, counts: bool, yes: bool) -> int:
    """Forget results and blobs, or what the flags say. Artifacts stay."""
    if not (results or blobs or counts):
        results = blobs = True
    if not yes:
        if not at_terminal():
            raise InvalidSpec("without a terminal, clear needs --yes", field="yes")
        if not says_yes("clear the cache?"):
            return 0
    with enter() as client:
        view = client.call(ClearCache(results=results, blobs=blobs, counts=counts))
    if setting().as_json:
        say_json(view)
    else:
        say(f"forgot {view.results} results and {view.blobs} blobs")
    return 0


def _say(view: CacheView) -> None:
    most = size_text(view.max_bytes)
    say(f"{view.blobs:,} blobs, {size_text(view.bytes)} of {most}; {view.results:,} results")
    if view.counts:
        say()
        say_lines(table(HEADINGS, [_row(one) for one in view.counts], right=RIGHT))


def _row(one: CacheCountView) -> tuple[str, ...]:
    is_build = one.kind == "build"
    return (
        f"build cache {one.name}" if is_build else _WHAT.get(one.kind, one.kind),
        f"{one.hits:,}",
        f"{one.misses:,}",
        f"{one.hits / max(one.hits + one.misses, 1):.0%}",
        _mean(one.restore_ms, one.hits) if is_build else "-",
        _mean(one.store_ms, one.misses) if is_build else "-",
        size_text(one.size_bytes) if is_build else "-",
        duration(one.saved_ms * 1000) if one.saved_ms else "-",
    )


def _mean(total_ms: int, number: int) -> str:
    return f"{total_ms // number} ms" if number else "-"
