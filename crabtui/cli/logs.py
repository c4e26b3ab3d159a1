"""`crabtui logs`: what a job has written."""

import sys
import time
from typing import Final

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import read_id
from crabtui.cli.printing.gaps import Gap
from crabtui.cli.printing.log_matches import Matches
from crabtui.cli.printing.log_writer import LogWriter
from crabtui.cli.printing.output import say_json
from crabtui.cli.printing.tail import start_of_tail
from crabtui.cli.reaching.following import through_restarts
from engine.control.blocking import BlockingClient
from engine.control.messages import FollowLog, ReadLog, SearchLog
from engine.control.views import LogChunk
from engine.errors import InvalidSpec, Unreachable

PATIENCE_S: Final = 10.0
"""How long a host whose link is broken is waited for by who does not follow its log."""

GAP_S: Final = 0.25
"""Between two tries."""

OUT_OF_REACH: Final = 3
"""Exit code where a part of the log could not be read."""


@click.command(cls=Verb)
@click.argument("job", metavar="ID")
@click.option("--follow", "-f", is_flag=True, help="Go on until the job has ended.")
@click.option("--err", is_flag=True, help="Its standard error.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Not the newest.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N lines.")
@click.option("--grep", metavar="PATTERN", help="Only lines with this text, or /regex/.")
@click.option("--context", "-C", type=click.IntRange(0, 10), default=0, metavar="N",
              help="With --grep: lines above and below each.")  # fmt: skip
def logs(
    job: str,
    follow: bool,
    err: bool,
    attempt: int | None,
    tail: int | None,
    grep: str | None,
    context: int,
) -> int:
    """Print what a job has written: its bytes to a file or pipe, made harmless to a terminal.

    JSON has one piece a line, `data` in base64. With --grep lines are numbered, and found
    where the log lies.
    """
    if grep is not None:
        if follow or tail is not None:
            raise InvalidSpec("--grep looks at the whole log: not with -f or --tail")
        stream = "err" if err else "out"
        ask = SearchLog(
            id=read_id(job), stream=stream, attempt=attempt, pattern=grep, context=context
        )
        return through_restarts(Matches(ask).read)
    reader = _Reader(read_id(job), "err" if err else "out", attempt, tail)
    try:
        return through_restarts(reader.follow if follow else reader.read)
    finally:
        reader.writer.finish()


def _is_long_gone(silence: Unreachable) -> bool:
    """Whether its host was waited for long enough before anybody asked."""
    unheard_s = silence.details.get("unheard_s")
    return isinstance(unheard_s, int | float) and unheard_s >= PATIENCE_S


class _Reader:
    """Prints a log and knows how far it came, so that it can go on after a restart."""

    def __init__(self, job: int, stream: str, attempt: int | None, tail: int | None) -> None:
        self._job = job
        self._stream = stream
        self._attempt = attempt
        self._tail = tail
        self._offset = 0
        self.writer = LogWriter(sys.stdout)
        self._gap = Gap()

    def read(self, client: BlockingClient) -> int:
        self._skip_to_tail(client)
        while True:
            chunk = self._read_when_it_answers(client)
            self._print(chunk)
            if not chunk.data or self._offset >= chunk.size:
                return 0

    def follow(self, client: BlockingClient) -> int:
        self._skip_to_tail(client)
        ask = FollowLog(
            id=self._job, stream=self._stream, attempt=self._attempt, offset=self._offset
        )
        for chunk in client.stream(ask):
            if not self._gap.is_one(chunk):
                self._print(chunk)
        return OUT_OF_REACH if self._gap.is_for_good else 0

    def _read_when_it_answers(self, client: BlockingClient) -> LogChunk:
        """The next piece; a link that has just broken is given a little time."""
        ends_s, is_told = time.monotonic() + PATIENCE_S, False
        while True:
            try:
                return client.call(self._ask(self._offset))
            except Unreachable as silence:
                if time.monotonic() >= ends_s or _is_long_gone(silence):
                    raise
                if not is_told:
                    complain(f"{silence.message}; waiting for it for {PATIENCE_S:.0f}s")
                is_told = True
            time.sleep(GAP_S)

    def _ask(self, offset: int, limit: int = 1 << 18) -> ReadLog:
        return ReadLog(
            id=self._job,
            stream=self._stream,
            attempt=self._attempt,
            offset=offset,
            limit=limit,
        )

    def _skip_to_tail(self, client: BlockingClient) -> None:
        if self._tail is None:
            return
        lines, self._tail = self._tail, None
        self._offset = start_of_tail(lambda at, most: client.call(self._ask(at, most)), lines)

    def _print(self, chunk: LogChunk) -> None:
        if setting().as_json:
            say_json(
                {
                    "attempt": chunk.attempt,
                    "stream": self._stream,
                    "offset": chunk.offset,
                    "data": chunk.data,
                }
            )
        else:
            if self._offset == 0 and chunk.offset > 0:
                complain(f"the first {chunk.offset:,} bytes were dropped: the log was full")
            self.writer.write(chunk.data)
        self._offset = chunk.offset + len(chunk.data)
