"""The pool itself: which call goes to which process, and what becomes of both.

Calls of the kinds that share a process run in threads and on an event loop of one process. A
call there that does not end when it is told to cannot be killed alone: its process is retired,
gets nothing more, and is killed once the others in it have ended, or after `DRAIN_S`. Every
call of another kind has a process to itself, which is killed at once and without harm.
"""

import logging
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby

from engine.backends.pool.pace import Pace
from engine.backends.pool.process import Process
from engine.backends.pool.running import Running
from engine.backends.pool.sizing import KINDS, SHARED
from engine.backends.pool.timers import Timers
from engine.backends.protocol import Report
from engine.clock import Clock
from engine.tools.frames import Cancel, Described, Ended, Ends, Invocation, Invoke
from engine.wake import Wake

log = logging.getLogger(__name__)

DRAIN_S = 10.0
"""How long others in a process may go on that has to be killed."""

HARD_GRACE_S = 1.0
"""Between a hard timeout, and the end of a process whose call does not heed it."""

IMPORT_S = 60.0
"""How long a process may take for importing its modules."""

STALLED_S = 1.0
"""A call that has waited for so long shows that its kind is not brief any more."""

Said = Callable[[Process, Described | Ends], None]

Spawn = Callable[[str, Said, Callable[[Process], None]], Process]


class Pool:
    """Calls, processes and timers. Waits for nothing; `ended` and `wake` tell what happened."""

    def __init__(
        self,
        spawn: Spawn,
        clock: Clock,
        logs_of: Callable[[str], str],
        most: Mapping[str, int],
    ) -> None:
        """Prepare; no process is spawned yet.

        Args:
            spawn: Makes a process of a role, and tells it to import its modules.
            clock: Ours.
            logs_of: The folder for what an attempt writes.
            most: Calls of each kind at once.
        """
        self.sizes = dict(most)
        self._most = dict(most)
        self._pace = Pace()
        self.timers = Timers()
        self.wake = Wake()
        self.told = Wake()
        """Knocked on when a process has described its modules, or has ended."""
        self.ended: deque[Report] = deque()
        self.running: dict[str, Running] = {}
        self.described: Described | None = None
        """What the last process that could import them said of its modules."""
        self.is_told = False
        """Whether that is what they are now; not so while they are imported anew."""
        self._spawn = spawn
        self._clock = clock
        self._logs_of = logs_of
        self._waiting: dict[str, deque[Running]] = {kind: deque() for kind in KINDS}
        self._at_work = dict.fromkeys(KINDS, 0)
        self._shared: Process | None = None
        self._idle: list[Process] = []
        self._all: set[Process] = set()

    def take(self, calls: Sequence[Running]) -> None:
        """Accept calls; those for which there is room begin at once, in one frame."""
        now_s = self._clock.monotonic()
        for call in calls:
            call.taken_s = now_s
            self.running[call.id] = call
            self._waiting[call.kind].append(call)
        for kind in {call.kind for call in calls}:
            self._pump(kind)

    def resize(self, sizes: Mapping[str, int]) -> None:
        """From now on so many calls of each kind at once."""
        self.sizes = dict(sizes)
        for kind in KINDS:
            if self._is_stalled(kind):
                self._pace.stalled(kind)
            self._pump(kind)

    def _is_stalled(self, kind: str) -> bool:
        """Whether the first that waits does so for longer than any taken ahead should."""
        waiting = self._waiting[kind]
        return bool(waiting) and self._clock.monotonic() - waiting[0].taken_s > STALLED_S

    def ahead(self) -> dict[str, tuple[int, int]]:
        """By kind, how many have places, and how many more are taken just now."""
        ahead = self._pace.ahead(self.sizes, self._most)
        return {kind: (self._most[kind], number) for kind, number in ahead.items()}

    def describe(self) -> None:
        """Import the modules anew: what begins from now on runs as they are now."""
        self.is_told = False
        for process in [*self._idle, *([self._shared] if self._shared else [])]:
            self._retire(process)
        for process in self._all:
            process.is_retired = True
        self._shared = self._made("shared")

    def stop(self, call: Running, why: str, grace_s: float, number: int) -> None:
        """Have a call end; the first reason given counts, but a soft timeout is none.

        Whoever stops it again may be less patient; never more.
        """
        if call.why not in (None, "soft") and not why == call.why == "stop":
            return
        call.why = call.why if call.why not in (None, "soft") else why
        if call.process is None:
            self._waiting[call.kind].remove(call)
            self._over(call, call.void())
        elif call.kind in SHARED:
            call.process.tell(Cancel(call.id))
            self._later(call, grace_s, partial(self._overdue, call))
        else:
            if call.paused:
                call.process.kill(signal.SIGCONT)
            call.process.kill(number)
            self._later(call, grace_s, partial(call.process.kill, signal.SIGKILL))

    def soften(self, call: Running) -> None:
        """Its soft timeout: it is asked to end, and may end in its own way."""
        call.softened = True
        if call.why is None and call.process is not None:
            call.why = "soft"
            if call.kind in SHARED:
                call.process.tell(Cancel(call.id))
            else:
                call.process.kill(signal.SIGTERM)

    def pause(self, call: Running, *, clocks_too: bool) -> None:
        """A call with a process to itself stands still, and with it what it has started."""
        assert call.process is not None
        call.process.kill(signal.SIGSTOP)
        call.paused = True
        if clocks_too:
            now_s = self._clock.monotonic()
            call.left = [(timer.due_s - now_s, timer.act) for timer in call.timers]
            self._call_off(call)

    def go_on(self, call: Running) -> None:
        """It goes on, and its clocks with it."""
        assert call.process is not None
        call.process.kill(signal.SIGCONT)
        call.paused = False
        for left_s, act in call.left:
            self._later(call, left_s, act)
        call.left = []

    def close(self) -> None:
        """End all processes at once, and what runs in them."""
        for process in self._all:
            process.kill()

    async def wait_gone(self) -> None:
        """Return when no process is left."""
        while self._all:
            await self.told.wait()

    @property
    def is_importing(self) -> bool:
        """Whether a process is there that will tell what its modules are."""
        return self._shared is not None

    @property
    def pids(self) -> list[int]:
        """Of all processes."""
        return [process.pid for process in self._all]

    def _later(self, call: Running, seconds: float, act: Callable[[], None]) -> None:
        call.timers.append(self.timers.at(self._clock.monotonic() + seconds, act))
        self.wake.knock()

    def _call_off(self, call: Running) -> None:
        for timer in call.timers:
            timer.call_off()
        call.timers.clear()

    def _pump(self, kind: str) -> None:
        """Begin what waits, as far as there is room."""
        waiting, begun = self._waiting[kind], []
        while waiting and self._at_work[kind] < self.sizes[kind]:
            call = waiting.popleft()
            try:
                process = self._process_for(kind)
            except OSError as error:
                log.error("the pool cannot make a process: %s", error)
                waiting.appendleft(call)
                self.timers.at(self._clock.monotonic() + 1.0, partial(self._pump, kind))
                self.wake.knock()
                break
            self._at_work[kind] += 1
            call.process, call.pid = process, process.pid
            process.calls.add(call.id)
            begun.append(call)
        for process, calls in groupby(begun, key=lambda call: call.process):
            assert process is not None
            self._begin(process, list(calls))

    def _begin(self, process: Process, calls: Sequence[Running]) -> None:
        process.tell(Invoke(tuple(self._invocation(call) for call in calls)))
        if process.is_ready:
            for call in calls:
                self._set_limits(call)

    def _invocation(self, call: Running) -> Invocation:
        order = call.order
        assert order.call is not None
        return Invocation(call.id, order.call, self._logs_of(call.id), order.context)

    def _set_limits(self, call: Running) -> None:
        """It begins now."""
        call.began_s = self._clock.monotonic()
        order = call.order
        if order.soft_ms is not None:
            self._later(call, order.soft_ms / 1000, partial(self.soften, call))
        if order.hard_ms is not None:
            self._later(call, order.hard_ms / 1000, partial(self._time_out, call))

    def _time_out(self, call: Running) -> None:
        self.stop(call, "timeout", HARD_GRACE_S, signal.SIGKILL)

    def _process_for(self, kind: str) -> Process:
        if kind in SHARED:
            if self._shared is None or self._shared.is_retired:
                self._shared = self._made("shared")
            return self._shared
        return self._idle.pop() if self._idle else self._made("single")

    def _made(self, role: str) -> Process:
        process = self._spawn(role, self._said, self._gone)
        self._all.add(process)
        self.timers.at(
            self._clock.monotonic() + IMPORT_S, partial(self._must_be_ready, process)
        )
        self.wake.knock()
        return process

    def _must_be_ready(self, process: Process) -> None:
        if not process.is_ready and process in self._all:
            log.warning("process %d of the pool hangs in its imports; killed", process.pid)
            process.kill()

    def _overdue(self, call: Running) -> None:
        """It did not end when it was told to, and shares a process."""
        if call.process is not None and call.id in self.running:
            self._retire(call.process)

    def _retire(self, process: Process) -> None:
        """It gets nothing more, and goes when those in it have ended that may go on."""
        process.is_retired = True
        if process is self._shared:
            self._shared = None
        if process in self._idle:
            self._idle.remove(process)
        if not self._free_to_go_on(process):
            process.kill()
            return
        due_s = self._clock.monotonic() + DRAIN_S
        if self._is_stuck(process):
            self.timers.at(due_s, process.kill)
            self.wake.knock()

    def _free_to_go_on(self, process: Process) -> bool:
        """Whether calls are in it that nobody has told to end."""
        return any(self.running[id_].why is None for id_ in process.calls)

    def _is_stuck(self, process: Process) -> bool:
        return any(self.running[id_].why is not None for id_ in process.calls)

    def _said(self, process: Process, message: Described | Ends) -> None:
        if isinstance(message, Described):
            self._is_described(process, message)
        else:
            self._ended(process, message.ends)
        self.wake.knock()

    def _is_described(self, process: Process, told: Described) -> None:
        process.is_ready = True
        if process.role == "shared" and not process.is_retired:
            self.described = told
            self.is_told = True
            self.told.knock()
        for id_ in process.calls:
            self._set_limits(self.running[id_])

    def _ended(self, process: Process, ends: Sequence[Ended]) -> None:
        """Calls have ended; those that follow them go out together."""
        kinds = set()
        for end in ends:
            call = self.running.get(end.id)
            if call is not None and call.process is process:
                self._over(call, call.ended(end))
                kinds.add(call.kind)
        for kind in kinds:
            self._pump(kind)

    def _over(self, call: Running, report: Report) -> None:
        """It has ended; whoever says so pumps, for another one may begin."""
        del self.running[call.id]
        self._call_off(call)
        self.ended.append(report)
        self.wake.knock()
        process = call.process
        if process is None:
            return
        self._at_work[call.kind] -= 1
        if call.began_s is not None:
            self._pace.ended(call.kind, self._clock.monotonic() - call.began_s)
        process.calls.discard(call.id)
        if process.is_retired and not self._free_to_go_on(process):
            process.kill()
        elif process.role == "single":
            self._keep(process, is_sound=call.why is None and not process.is_retired)

    def _keep(self, process: Process, *, is_sound: bool) -> None:
        """It is free; one that a signal may still reach is no use to anybody."""
        if is_sound:
            self._idle.append(process)
        else:
            process.is_retired = True
            process.kill()

    def _gone(self, process: Process) -> None:
        """It has ended, whoever wanted it."""
        self._all.discard(process)
        self.told.knock()
        if process is self._shared:
            self._shared = None
        if process in self._idle:
            self._idle.remove(process)
        process.is_retired = True
        blame = self._blame(process)
        calls = [self.running[id_] for id_ in process.calls]
        for call in calls:
            self._over(call, call.process_ended(process, blame))
        for kind in {call.kind for call in calls}:
            self._pump(kind)
        self.wake.knock()

    def _blame(self, process: Process) -> str:
        """Why a process ended, for those in it; empty: it was the only one's own doing."""
        stuck = [id_ for id_ in process.calls if self.running[id_].why is not None]
        if stuck:
            return f"{stuck[0]}, which shared it, did not end when it was told to"
        if process.was_killed:
            return "it was killed by its pool"
        if len(process.calls) > 1:
            return f"any of the {len(process.calls)} calls that shared it may have done it"
        return "" if process.is_ready else "it had not imported its modules yet"
