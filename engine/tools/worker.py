"""The process of a pool: `python -m engine.tools.worker FD shared|single`.

It imports the modules that it is told to, describes their tools, and calls them. A shared one
runs many calls at once, in threads and on an event loop; a single one runs one call at a time
in its main thread, so that it can be killed without harm to others. It ends when nobody is at
the other end of its wire any more, and takes with it what its calls have started.
"""

import ctypes
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
from engine.tools.threads import Threads
from engine.tools.wire import Wire

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG."""


def main(arguments: list[str]) -> None:
    """Be a process of a pool until nobody is there any more."""
    fd, role = int(arguments[0]), arguments[1]
    os.set_inheritable(fd, False)
    _die_with_parent()
    wire = Wire(socket.socket(fileno=fd))
    catalogue = Catalogue()
    threading.Thread(target=wire.say_ends, daemon=True).start()
    if role == "single":
        calls: queue.SimpleQueue[Invocation] = queue.SimpleQueue()
        listening = threading.Thread(
            target=_listen_last, args=(wire, catalogue, calls.put), daemon=True
        )
        listening.start()
        _run_alone(wire, catalogue, calls)
    else:
        route()
        shared = _Shared(wire, catalogue)
        _listen_last(wire, catalogue, shared.run, shared.cancel)


def _listen_last(
    wire: Wire,
    catalogue: Catalogue,
    run: Callable[[Invocation], None],
    cancel: Callable[[str], None] = lambda _: None,
) -> None:
    """Do as we are told; then end, with all that was started here."""
    try:
        _listen(wire, catalogue, run, cancel)
    finally:
        _end_all()


def _listen(
    wire: Wire,
    catalogue: Catalogue,
    run: Callable[[Invocation], None],
    cancel: Callable[[str], None],
) -> None:
    for message in wire.told():
        match message:
            case Describe(modules, path):
                wire.say(catalogue.load(modules, path))
            case Invoke(calls):
                for call in calls:
                    run(call)
            case Cancel(id_):
                cancel(id_)


class _Shared:
    """Runs calls side by side."""

    def __init__(self, wire: Wire, catalogue: Catalogue) -> None:
        self._wire = wire
        self._tools = catalogue.tools
        self._threads = Threads(wire.ended)
        self._loop: Coroutines | None = None

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
    wire: Wire, catalogue: Catalogue, calls: "queue.SimpleQueue[Invocation]"
) -> None:
    """One call after the other; what they and their children write is theirs."""
    while True:
        invocation = calls.get()
        with whole_process(invocation.logs):
            call = prepared(invocation, catalogue.tools)
            end = call.work() if isinstance(call, Prepared) else call
        wire.ended(end)


def _die_with_parent() -> None:
    """Not even a kill of the daemon leaves us behind."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _end_all() -> None:
    """The process group is ours alone: whoever is in it was started by a call."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
