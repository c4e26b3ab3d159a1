"""The host program: answers the host protocol (PROTOCOL.md) on standard input and output."""

import os
import select
import selectors
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.runner.host_channel import MOST_UNSENT_BYTES, Channel, HungUpError
from engine.runner.host_facts import home
from engine.runner.host_verbs import answer
from engine.runner.host_work import Work
from engine.runner.spool import Spool
from engine.runner.supervisors import keep_descriptors

GREETING = b"crab-1 ready python\n"

_AT_ONCE = 16
"""Requests that are worked on before answers are sent and ends are told."""

_LAST_WORDS_S = 2.0
"""How long a controller that sends no more is given to take the last answers."""


class Host:
    """One loop: requests in order, and what becomes of attempts meanwhile."""

    def __init__(self, work: Work, channel: Channel) -> None:
        self._work = work
        self._channel = channel
        self._requests: deque[bytes] = deque()
        self._selector = selectors.DefaultSelector()
        self._hears = self._writes = False

    def run(self) -> None:
        """Answer until the controller hangs up."""
        self._channel.say(GREETING)
        watch = self._selector.register
        watch(self._work.answers, selectors.EVENT_READ, self._work.answers.read)
        watch(self._work.ends, selectors.EVENT_READ, self._work.ends.take)
        watch(self._work.aside, selectors.EVENT_READ, self._work.aside.take)
        try:
            while True:
                self._turn()
        except HungUpError:
            self._say_last_words()

    def _turn(self) -> None:
        self._channel.flush()
        self._attend()
        patience_s = 0.0 if self._requests else self._work.ends.wait_s
        for key, _ in self._selector.select(patience_s):
            key.data()
        self._work.ends.look_if_due()
        for _ in range(min(len(self._requests), _AT_ONCE)):
            answer(self._work, self._channel.say, self._requests.popleft())

    def _attend(self) -> None:
        """Wait for what can be used: no room for answers, no further requests."""
        unsent = self._channel.unsent
        hears = unsent <= MOST_UNSENT_BYTES and not self._requests
        if hears != self._hears:
            self._hears = hears
            self._wait_for(hears, self._channel.reader, selectors.EVENT_READ, self._hear)
        if bool(unsent) != self._writes:
            self._writes = bool(unsent)
            self._wait_for(
                self._writes, self._channel.writer, selectors.EVENT_WRITE, self._channel.flush
            )

    def _wait_for(self, wanted: bool, fd: int, event: int, then: Callable[[], None]) -> None:
        if wanted:
            self._selector.register(fd, event, then)
        else:
            self._selector.unregister(fd)

    def _hear(self) -> None:
        self._requests += self._channel.lines()

    def _say_last_words(self) -> None:
        """What was asked before the end is still answered, if somebody listens."""
        with suppress(HungUpError):
            self._channel.flush()
            while self._channel.unsent:
                if not select.select([], [self._channel.writer], [], _LAST_WORDS_S)[1]:
                    return
                self._channel.flush()


def place(root: str, controller: str) -> Path:
    """The spool's root; `-`: the usual one of this controller, below the account's home."""
    if root != "-":
        return Path(root)
    states = os.environ.get("XDG_STATE_HOME") or home() / ".local" / "state"
    return Path(states) / "crabtui" / controller


def main(root: str = "-", controller: str = "main", verbs: str = "") -> None:
    """Serve one controller on standard input and output until it hangs up.

    Args:
        root: Of the spool, as `place` reads it.
        controller: Whose spool it is, if the root is `-`.
        verbs: The only ones that are carried out, with commas between; empty: all.
    """
    keep_descriptors()
    allowed = frozenset(verbs.split(",")) if verbs else None
    channel = Channel(sys.stdin.fileno(), sys.stdout.fileno())
    work = Work(Spool(place(root, controller)), channel.say, allowed)
    os.chdir("/")
    Host(work, channel).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
