"""The process of a pool: `python -m engine.tools.worker FD shared|single`.

It imports the modules that it is told to, describes their tools, and calls them. A shared one
runs many calls at once, in threads and on an event loop; a single one runs one call at a time
in its main thread, so that it can be killed without harm to others. It ends when nobody is at
the other end of its wire any more, and takes with it what its calls have started.
"""

import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable

from engine.tools.calling import Prepared, prepared
from engine.tools.catalogue import Catalogue
from engine.tools.coroutines import Coroutines
from engine.tools.frames import Cancel, Describe, Invocation, Invoke
from engine.tools.output import route, whole_process
from engine.tools.surroundings import surroundings_kept
from engine.tools.threads import Threads
from engine.tools.wire import Wire


def main(arguments: list[str]) -> None:
    """Be a process of a pool until nobody is there any more."""
    fd, role = int(arguments[0]), arguments[1]
    os.set_inheritable(fd, False)
    wire = Wire(socket.socket(fileno=fd))
    catalogue = Catalogue()
    threading.Thread(target=wire.say_ends, daemon=True).start()
    if role == "single":
        told: queue.SimpleQueue[Describe | Invocation] = queue.SimpleQueue()
        listening = threading.Thread(
            target=_listen_last, args=(wire, told.put, told.put), daemon=True
        )
        listening.start()
        _run_alone(wire, catalogue, told)
    else:
        route()
        shared = _Shared(wire, catalogue)
        _listen_last(wire, shared.describe, shared.run, shared.cancel)


def _listen_last(
    wire: Wire,
    describe: Callable[[Describe], None],
    run: Callable[[Invocation], None],
    cancel: Callable[[str], None] = lambda _: None,
) -> None:
    """Do as we are told; then end, with all that was started here."""
    try:
        _listen(wire, describe, run, cancel)
    finally:
        _end_all()


def _listen(
    wire: Wire,
    describe: Callable[[Describe], None],
    run: Callable[[Invocation], None],
    cancel: Callable[[str], None],
) -> None:
    for message in wire.told():
        match message:
            case Describe():
                describe(message)
            case Invoke(calls):
                for call in calls:
                    run(call)
            case Cancel(id_):
                cancel(id_)


class _Shared:
    """Runs calls side by side."""

    def __init__(self, wire: Wire, catalogue: Catalogue) -> None:
        self._wire = wire
        self._catalogue = catalogue
        self._tools = catalogue.tools
        self._threads = Threads(wire.ended)
        self._loop: Coroutines | None = None

    def describe(self, asked: Describe) -> None:
        self._wire.say(self._catalogue.load(asked.modules, asked.path))

    def run(self, invocation: Invocation) -> None:
        call = prepared(invocation, self._tools)
        if not isinstance(call, Prepared):
            self._wire.ended(call)
        elif self._is_async(invocation):
            self._coroutines().run(call, invocation.logs)
        else:
            self._threads.run(call, invocation.logs)

    def cancel(self, id_: str) -> None:
        self._threads.cancel(id_)
        if self._loop is not None:
            self._loop.cancel(id_)

    def _is_async(self, invocation: Invocation) -> bool:
        tool = self._tools.get(invocation.call.tool)
        return tool is not None and tool.is_async

    def _coroutines(self) -> Coroutines:
        if self._loop is None:
            self._loop = Coroutines(self._wire.ended)
        return self._loop


def _run_alone(
    wire: Wire, catalogue: Catalogue, told: "queue.SimpleQueue[Describe | Invocation]"
) -> None:
    """One call after the other; what they and their children write is theirs.

    Modules are imported in this thread: those that handle signals can do so in no other.
    """
    while True:
        invocation = told.get()
        if isinstance(invocation, Describe):
            wire.say(catalogue.load(invocation.modules, invocation.path))
            continue
        with surroundings_kept(), whole_process(invocation.logs):
            call = prepared(invocation, catalogue.tools)
            end = call.work() if isinstance(call, Prepared) else call
        wire.ended(end)


def _end_all() -> None:
    """The process group is ours alone: whoever is in it was started by a call."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
