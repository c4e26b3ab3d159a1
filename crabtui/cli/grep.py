"""`crabtui grep`: what jobs have written, searched wherever it lies."""

from typing import Final

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.spans import DURATION_MS
from crabtui.cli.options.targets import as_filter
from crabtui.cli.printing.found_lines import FoundLines
from crabtui.cli.printing.output import say_json
from crabtui.cli.reaching.entry import enter
from crabtui.data.logs.words import size_text
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import plural
from engine.control.messages import SearchLogs
from engine.control.views import LogsFound, SearchTotal
from engine.model.log_pattern import LogPattern, parse_pattern

STREAMS: Final = {"out": "stdout", "err": "stderr"}

NOTHING: Final = 1
"""Exit code where nothing was found."""

OUT_OF_REACH: Final = 3
"""Exit code where nothing was found and something could not be read."""

_MORE: Final = {
    "jobs": "--jobs takes more",
    "hits": "--count takes more",
    "bytes": "--read takes more",
    "time": "--within takes longer",
}


@click.command(cls=Verb)
@click.argument("pattern")
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--where", metavar="FILTER", help="The same as words.")
@click.option("--regex", "-E", is_flag=True, help="PATTERN is a regular expression.")
@click.option("--context", "-C", type=click.IntRange(0, 10), default=0, metavar="N",
              help="Lines above and below each.")  # fmt: skip
@click.option("--err", is_flag=True, help="Only their standard error.")
@click.option("--out", is_flag=True, help="Only their standard output.")
@click.option("--attempts", is_flag=True, help="All attempts, not the newest alone.")
@click.option("--each", "-m", type=click.IntRange(1, 1_000), default=20, metavar="N",
              help="Lines of one log at most. [default: 20]")  # fmt: skip
@click.option("--count", "-n", type=click.IntRange(1, 100_000), default=1_000, metavar="N",
              help="Lines at most. [default: 1000]")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 100_000), default=1_000, metavar="N",
              help="Jobs that are looked at, at most. [default: 1000]")  # fmt: skip
@click.option("--read", "read_mb", type=click.IntRange(1, 1_000_000), default=1_024,
              metavar="MB", help="Megabytes that are looked at. [default: 1024]")  # fmt: skip
@click.option("--within", type=DURATION_MS, default=30_000, metavar="TIME",
              help="How long it may take. [default: 30s]")  # fmt: skip
def grep(
    pattern: str,
    words: tuple[str, ...],
    where: str | None,
    regex: bool,
    context: int,
    err: bool,
    out: bool,
    attempts: bool,
    each: int,
    count: int,
    jobs: int,
    read_mb: int,
    within: int,
) -> int:
    """Search the logs of jobs, on whatever host they are, for PATTERN.

    PATTERN is a text, or a regular expression as `/.../`; without a capital letter, capital
    and small letters are the same. FILTER is as for `ls`, `state:failed since:1h`.
    The exit code is 0 if a line was found, 1 if none was, 3 if none was and a log could not
    be read. JSON has one log a line, lines in base64, and the total last.
    """
    text = f"/{pattern}/" if regex else pattern
    ask = SearchLogs(
        pattern=text,
        where=as_filter(words, where),
        streams="both" if err is out else ("err" if err else "out"),
        all_attempts=attempts,
        context=context,
        each=each,
        most_jobs=jobs,
        most_hits=count,
        most_bytes=read_mb * 2**20,
        most_ms=within,
    )
    shown = _Shown(parse_pattern(text))
    with enter() as client:
        for found in client.stream(ask):
            shown.take(found)
    return shown.code


class _Shown:
    """Prints what is found as it comes; knows how it ended."""

    def __init__(self, pattern: LogPattern) -> None:
        self._lines = FoundLines(pattern)
        self._is_first = True
        self.code = NOTHING

    def take(self, found: LogsFound) -> None:
        """Print one log's lines, or the total."""
        if setting().as_json:
            say_json(found)
        elif found.total is not None:
            complain(in_words(found.total))
        else:
            self._show(found)
        if found.total is not None:
            self.code = _code(found.total)

    def _show(self, found: LogsFound) -> None:
        where = f"#{found.job} {STREAMS[found.stream]} of attempt {found.number}"
        if found.trouble:
            complain(f"{where} was not read: {sanitize(found.trouble)}")
        if not found.hits:
            return
        if not self._is_first:
            print()
        self._is_first = False
        on = f" on {sanitize(found.worker)}" if found.worker else ""
        self._lines.head(f"{where}{on}: {sanitize(found.name)}")
        self._lines.write(found.hits)
        if found.more:
            print("      -- it has more")


def in_words(total: SearchTotal) -> str:
    """What was looked at and what was not, in one line."""
    all_jobs = f"{total.matched:,}" + ("" if total.matched_is_exact else "+")
    said = f"{plural(total.hits, 'line')} in {plural(total.jobs, 'job')} of {all_jobs}"
    said += f", {plural(total.logs, 'log')} and {size_text(total.bytes)} looked at"
    if total.unread:
        said += f"; {plural(total.unread, 'log')} could not be read"
    if total.ended_by:
        said += f"; it ended early: {_MORE[total.ended_by]}"
    return said


def _code(total: SearchTotal) -> int:
    if total.hits:
        return 0
    return OUT_OF_REACH if total.unread else NOTHING
