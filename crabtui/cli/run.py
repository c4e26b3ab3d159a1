"""`crabtui run`: submit a command, be its terminal, exit as it did."""

import sys
from typing import Any

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import CommandVerb
from crabtui.cli.options.job import described, job_options
from crabtui.cli.printing.endings import OURS, ending, exit_code, is_its_own
from crabtui.cli.printing.gaps import Gap
from crabtui.cli.printing.log_writer import LogWriter
from crabtui.cli.printing.output import plain, say_json
from crabtui.cli.reaching.following import through_restarts
from crabtui.cli.submitting.interrupts import Detached, Interrupts, cancel_job
from crabtui.cli.submitting.patience import deliverer, room_option
from crabtui.cli.submitting.sending import send_job
from engine.control.blocking import BlockingClient
from engine.control.messages import FollowLog, ShowJob, Wait
from engine.control.views import Finished, LogChunk
from engine.errors import NoDaemon

STREAMS = ("out", "err")


@click.command(cls=CommandVerb)
@job_options
@click.option("--detach-on-interrupt", is_flag=True, help="Ctrl-C leaves the job running.")
@room_option
def run(
    argv: tuple[str, ...], shell: str | None, detach_on_interrupt: bool, **given: Any
) -> int:
    """Submit a command, show its output, exit with its code.

    128 + signal if one ended it, 124 on timeout, 130 if canceled, 125 if it is our fault.
    Ctrl-C cancels it; a second one leaves it running.
    """
    deliver = deliverer(given)
    job = send_job(described(argv, shell, **given), deliver=deliver).ids[0][0]
    relay = _Relay(job, may_reuse=given.get("memo") is not None)
    try:
        with Interrupts(job, detach_first=detach_on_interrupt):
            return _told(through_restarts(relay.work))
    except Detached:
        _say_it_goes_on(job)
        return OURS
    except NoDaemon:
        _say_it_goes_on(job)
        raise
    except BrokenPipeError:
        cancel_job(job, "nobody reads its output any more")
        raise


def _say_it_goes_on(job: int) -> None:
    complain(f"#{job} goes on: `crabtui logs -f {job}`, `crabtui wait {job}`")


class _Relay:
    """Shows what the job writes and knows how far it came."""

    def __init__(self, job: int, *, may_reuse: bool) -> None:
        self._job = job
        self._may_reuse = may_reuse
        self._offsets = [0, 0]
        self._writers = (LogWriter(sys.stdout), LogWriter(sys.stderr))
        self._gap = Gap()

    def work(self, client: BlockingClient) -> Finished:
        asks = [
            FollowLog(id=self._job, stream=stream, offset=offset)
            for stream, offset in zip(STREAMS, self._offsets, strict=True)
        ]
        for place, chunk in client.streams(*asks):
            self._show(place, chunk)
        for writer in self._writers:
            writer.finish()
        finished = client.call(Wait(ids=(self._job,))).finished[0]
        if self._may_reuse and not setting().as_json:
            self._say_reused(client)
        return finished

    def _say_reused(self, client: BlockingClient) -> None:
        """Say whose output this was, if nothing ran."""
        detail = client.call(ShowJob(id=self._job))
        if not detail.attempts and detail.job.note:
            complain(f"#{self._job} {detail.job.note}")

    def _show(self, place: int, chunk: LogChunk) -> None:
        if self._gap.is_one(chunk):
            return
        if setting().as_json:
            say_json({"id": self._job, "stream": STREAMS[place], "data": chunk.data})
        else:
            self._writers[place].write(chunk.data)
        self._offsets[place] = chunk.offset + len(chunk.data)


def _told(finished: Finished) -> int:
    code = exit_code(finished)
    if setting().as_json:
        say_json(plain(finished))
    elif finished.exit_code != code or not is_its_own(finished):
        complain(f"#{finished.id} {ending(finished)}")
    return code
