"""The keys of `[hooks.NAME]`."""

from typing import Any, Final

from engine.config.backends import OPTIONS
from engine.config.kinds import Kind, quoted
from engine.errors import InvalidSpec
from engine.model.filter import parse
from engine.model.hooks import On
from engine.model.intake.scalars import items_or_one, line
from engine.model.intake.wrong import Wrong, wrong_word

LONGEST: Final = 2_000


def _read_on(value: Any) -> tuple[str, ...]:
    words = items_or_one(value, "moments")
    for word in words:
        if word not in list(On):
            raise wrong_word("moment", str(word), [on.value for on in On])
    if not words:
        raise Wrong("is empty: say when, as in `failure`")
    return tuple(words)


def _read_where(value: Any) -> str:
    text = line(value, LONGEST)
    try:
        parse(text)
    except InvalidSpec as wrong:
        raise Wrong(wrong.message, near=wrong.nearest) from None
    return text


ON: Final = Kind(_read_on, lambda words: f"[{', '.join(map(quoted, words))}]")
WHERE: Final = Kind(_read_where, quoted)

ROWS: Final[tuple[tuple[str, Kind, Any, str], ...]] = (
    ("on", ON, ("failure",), "When it fires: start, success, failure, cancel, end …"),
    ("where", WHERE, "", "Only for jobs that match this filter; empty: for all."),
    ("run", OPTIONS, {}, "What it runs: `command` or `http`, and keys of jobs."),
)
