"""Which jobs a command is for: ids, spans of ids, or a filter."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from crabtui.cli.completion import complete_filter
from crabtui.cli.printing.moments import utc_offset_s
from engine.control.messages import Targets
from engine.errors import InvalidSpec
from engine.model.filter import parse
from engine.model.ids import parse_job_id

MOST: Final = 10_000
"""Ids that may be named in one command; a filter names more."""

_IDS = re.compile(r"#?\d+(?:(?:-|\.\.)#?\d+)?(?:,#?\d+(?:(?:-|\.\.)#?\d+)?)*", re.ASCII)


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the words, `--where` and `--yes` that all acts on jobs take."""
    for decorate in (
        click.option("--yes", "-y", is_flag=True, help="Do not ask."),
        click.option("--where", metavar="FILTER", help="All jobs that match."),
        click.argument(
            "targets",
            nargs=-1,
            metavar="[ID|ID-ID|FILTER]...",
            shell_complete=complete_filter,
        ),
    ):
        command = decorate(command)
    return command


def read_targets(words: Sequence[str], where: str | None) -> Targets:
    """The jobs that `words` or `where` name.

    Raises:
        InvalidSpec: neither says anything, both do, or the words mix ids and a filter.
    """
    if where is not None and words:
        raise InvalidSpec("name jobs either by words or by --where, not both", field="where")
    if where is None and not words:
        raise InvalidSpec(
            "which jobs? Give ids (`12 #13 20-25`) or a filter (`state:queued tag:sweep`)",
            field="targets",
        )
    if where is not None or not any(_IDS.fullmatch(word) for word in words):
        return Targets(where=_filter(where if where is not None else " ".join(words)))
    return Targets(ids=read_ids(words))


def as_filter(words: Sequence[str], where: str | None) -> str:
    """Ids or a filter, as a filter; empty if neither says anything. Raises: InvalidSpec."""
    if not words and where is None:
        return ""
    targets = read_targets(words, where)
    return targets.where or "id:" + ",".join(map(str, targets.ids))


def read_ids(words: Sequence[str]) -> tuple[int, ...]:
    """The ids in words like `12`, `#13`, `20-25` or `1,4,9`, in order, each once.

    Raises:
        InvalidSpec: a word is none, or there are too many.
    """
    found: dict[int, None] = {}
    for word in words:
        if not _IDS.fullmatch(word):
            raise InvalidSpec(
                f"{word!r} is not an id like 12, #13 or 20-25; a filter stands alone, "
                "without ids beside it",
                field="targets",
            )
        for part in word.split(","):
            found |= dict.fromkeys(_span(part))
        if len(found) > MOST:
            raise _too_many()
    return tuple(found)


def read_id(word: str) -> int:
    """The one id in `word`. Raises: InvalidSpec."""
    return parse_job_id(word)


def _span(part: str) -> range:
    first, _, last = part.replace("..", "-").partition("-")
    low = parse_job_id(first)
    high = parse_job_id(last) if last else low
    if high < low:
        raise InvalidSpec(f"{part!r} goes backwards", field="targets", nearest=f"{high}-{low}")
    if high - low >= MOST:
        raise _too_many()
    return range(low, high + 1)


def _filter(text: str) -> str:
    if not text.strip():
        raise InvalidSpec("an empty filter would mean all jobs", field="where")
    if "since" in text or "until" in text:  # times of day are those of whoever typed them
        return parse(text, utc_offset_s=utc_offset_s()).text
    return text


def _too_many() -> InvalidSpec:
    return InvalidSpec(
        f"at most {MOST} ids in one command; a filter such as `id:1..50000` takes more",
        field="targets",
    )
