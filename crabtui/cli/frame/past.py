"""`--at`: what there was at a past moment, told by the verbs that look."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.printing.moments import stamp, utc_offset_s
from crabtui.cli.reaching.entry import now_at
from engine.control.blocking import BlockingClient
from engine.control.messages import FindMoment
from engine.model.when import parse_when

F = TypeVar("F", bound=Callable[..., Any])


def at_option(command: F) -> F:
    """Give a command `--at`."""
    option = click.option("--at", metavar="TIME", help="As it was: 13:46:58, -15m, #88214.")
    return option(command)


class Then:
    """The moment that a command is about."""

    def __init__(self, seq: int | None, now: int) -> None:
        self.seq = seq
        """The event as of which; None: now."""
        self.now = now
        """What ages are counted to, UTC microseconds."""


def moment_of(client: BlockingClient, at: str | None) -> Then:
    """The moment named by `--at`, told of on standard error; now if there is none.

    Raises:
        InvalidSpec: it names no moment, or one of which nothing is known.
    """
    now = now_at(client)
    if at is None:
        return Then(None, now)
    when = parse_when(at, now, utc_offset_s())
    found = client.call(FindMoment(at=when.at, seq=when.seq))
    if not setting().as_json:
        complain(f"as of #{found.seq}, {stamp(found.at)}")
    return Then(found.seq, found.at)
