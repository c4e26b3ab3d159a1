"""Waiting for room: a submission that is refused for now is sent again until it is let in."""

import math
import random
import time
from collections.abc import Callable
from typing import Any, Final

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.submitting.sending import once_more
from crabtui.data.wording import duration
from engine.control.blocking import BlockingClient
from engine.control.views import Submitted
from engine.errors import NotAdmitted

JITTER: Final = 0.25
"""Up to this share is added to what the daemon asks for, so that not all come back at once."""

LEAST_S: Final = 0.05
MOST_S: Final = 60.0
"""Bounds of one wait: room may be made sooner than the daemon thought."""

room_option = click.option(
    "--wait-for-room",
    is_flag=True,
    help="If there is no room for it now, try again until there is.",
)


def patiently(
    work: Callable[[BlockingClient], Submitted],
    *,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> Submitted:
    """`work` with a connection, again and again while there is no room for what it submits.

    Args:
        work: May be repeated.
        sleep: Waits for so many seconds.
        chance: A number from 0 to 1, another one each time.

    Raises:
        NotAdmitted: there never will be room.
    """
    said = ""
    while True:
        try:
            return once_more(work)
        except NotAdmitted as refused:
            if refused.retry_after_s is None:
                raise
            wait_s = min(max(refused.retry_after_s, LEAST_S), MOST_S)
            said = _say_once(said, refused, wait_s)
            sleep(wait_s * (1 + JITTER * chance()))


def deliverer(given: dict[str, Any]) -> Callable[..., Submitted]:
    """How to submit: take `--wait-for-room` out of the flags and heed it."""
    return patiently if given.pop("wait_for_room") else once_more


def _say_once(said: str, refused: NotAdmitted, wait_s: float) -> str:
    """Tell a reason that is new. Returns: the last one told, without its numbers."""
    kind = f"{refused.code} {refused.field}"
    if kind != said:
        shown = duration(math.ceil(wait_s) * 1_000_000)
        complain(f"{refused.message}; waiting for room, next try in {shown}")
    return kind
