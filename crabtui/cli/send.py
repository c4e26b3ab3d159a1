"""`crabtui send`: give a running job something to read."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Final

import click

from crabtui.cli.frame.acting import REFUSED
from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import read_ids
from crabtui.cli.printing.output import say, say_json
from crabtui.cli.reaching.entry import enter
from crabtui.cli.submitting.surroundings import as_text
from engine.control.blocking import BlockingClient
from engine.control.messages import Feed
from engine.errors import Category, EngineError, InvalidSpec

PIECE_BYTES: Final = 1 << 18
"""What is sent at once: enough to be quick, little enough to be read soon."""

GAP_S: Final = 0.1
"""Between two tries while the job does not read."""


@click.command(cls=Verb)
@click.argument("job", metavar="ID")
@click.argument("text", required=False, metavar="[TEXT|-]")
@click.option("--line", is_flag=True, help="End TEXT with a newline.")
@click.option("--eof", is_flag=True, help="It is all that will ever come.")
@click.option("--wait", is_flag=True, help="Wait for a job that does not read now.")
def send(job: str, text: str | None, line: bool, eof: bool, wait: bool) -> int:
    """Send TEXT, or what is piped in, to the standard input of a job submitted with --stdin.

    Returns 3 if the job did not take all of it.
    """
    [id_, *others] = read_ids((job,))
    if others:
        raise InvalidSpec("send to one job at a time", field="id")
    pieces = _pieces(text, eof=eof, end=b"\n" if line else b"")
    is_patient = wait or text in (None, "-")
    with enter() as client:
        sent, left = _send(client, id_, pieces, eof=eof, patient=is_patient)
        return _tell(id_, sent, left, is_ended=eof and not left)


def _pieces(text: str | None, *, eof: bool, end: bytes) -> Iterator[bytes]:
    """What is to be sent; nothing is read here if there is only an end to tell."""
    if text is not None and text != "-":
        return iter([as_text(text, "TEXT").encode() + end])
    if text == "-" or not sys.stdin.isatty():
        return iter(lambda: os.read(sys.stdin.fileno(), PIECE_BYTES), b"")
    if eof:
        return iter(())
    raise InvalidSpec("nothing to send: give TEXT, pipe it in, or say --eof", field="text")


def _send(
    client: BlockingClient, id_: int, pieces: Iterator[bytes], *, eof: bool, patient: bool
) -> tuple[int, int]:
    """Bytes that were taken, and that were not. What is piped in always waits its turn."""
    sent = 0
    try:
        for piece in pieces:
            rest = piece
            while rest:
                taken = client.call(Feed(id=id_, data=rest)).taken
                sent, rest = sent + taken, rest[taken:]
                if rest and not patient:
                    return sent, len(rest)
                if rest:
                    time.sleep(GAP_S)
        if eof:
            client.call(Feed(id=id_, end=True))
    except EngineError as error:
        told = error.details.get("taken")
        sent += told if isinstance(told, int) else 0
        is_open = error.category is Category.NETWORK  # the last piece may have got there
        if sent or is_open:
            least = "at least " if is_open else ""
            complain(f"#{id_} was sent {least}{sent:,} bytes, and then:")
        raise
    return sent, 0


def _tell(id_: int, sent: int, left: int, *, is_ended: bool) -> int:
    if setting().as_json:
        say_json({"id": id_, "taken": sent, "left": left})
    else:
        only_ended = is_ended and not sent
        say(
            f"the input of #{id_} has ended"
            if only_ended
            else f"#{id_} was sent {sent:,} bytes"
        )
    if left:
        complain(f"#{id_} does not read now: {left:,} bytes were not taken; --wait waits")
    return REFUSED if left else 0
