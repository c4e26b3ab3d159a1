"""The daemon: builds every part, hands each what it needs, and ends them in order."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from engine.backends.making import Making
from engine.clock import Clock, SystemClock
from engine.config import LOCAL, load
from engine.config.machine import measure
from engine.config.partitions import overbooked
from engine.control.messages import VERSION
from engine.control.place import door as door_path
from engine.daemon.configured import Configured
from engine.daemon.desk import Desk
from engine.daemon.detach import Herald, go_to_background
from engine.daemon.door import open_door
from engine.daemon.fleet.fleet import Fleet
from engine.daemon.lock import StateLock, prepare_state_dir, watch_lock
from engine.daemon.own_log import log_to
from engine.daemon.parts import Parts
from engine.errors import EngineError, InvalidSpec
from engine.model.events import EventType
from engine.store.protocol import Draft
from engine.store.sqlite.store import SqliteStore

BAD_CONFIGURATION = 2
NOT_STARTED = 3
"""Exit status of a daemon that could not start, or not go on."""

log = logging.getLogger(__name__)


def run(
    state_dir: Path,
    *,
    detach: bool = False,
    ready_fd: int | None = None,
    flags: Sequence[str] = (),
) -> int:
    """Be the daemon of a state directory until told to stop.

    Args:
        state_dir: Absolute; made if it does not exist.
        detach: Go to the background and return once the daemon is ready.
        ready_fd: A descriptor on which somebody waits for `ready`, or for why not.
        flags: Settings over all others, `KEY=VALUE` each.

    Returns:
        Exit status: 0 after an orderly end, 2 if the configuration is wrong, 3 if it could
        not start or go on.
    """
    clock = SystemClock()
    herald = Herald([] if ready_fd is None else [ready_fd])
    _keep_our_own_rights()
    try:
        prepare_state_dir(state_dir)
        door_path(state_dir)
        load_again = partial(load, state_dir, environ=dict(os.environ), flags=flags)
        config = load_again()
        if detach:
            status, ready = go_to_background(config.settings.log)
            if status is not None:
                return status
            herald = Herald([ready, *herald.take()])
        lock = StateLock(config.settings.lock)
    except InvalidSpec as wrong:
        return _give_up(wrong, herald, BAD_CONFIGURATION)
    except EngineError as error:
        return _give_up(error, herald)
    log_to(None, clock)
    failures: list[EngineError] = []
    try:
        asyncio.run(Daemon(Configured(config, load_again), clock, lock).live(herald))
    except* EngineError as errors:
        failures.append(_first(errors))
    finally:
        lock.release()
    return _give_up(failures[0], herald) if failures else 0


class Daemon:
    """One life of the daemon: open, adopt, serve, close."""

    def __init__(self, configured: Configured, clock: Clock, lock: StateLock) -> None:
        self._configured = configured
        self._settings = configured.now.settings
        self._clock = clock
        self._lock = lock

    async def live(self, herald: Herald) -> None:
        """From opening the database to closing it.

        Raises:
            EngineError: it could not start, or not go on.
        """
        store = await SqliteStore.open(self._settings.database, self._clock)
        try:
            controller = await store.controller()
            making = Making(self._settings, self._clock, controller, os.environ)
            parts = await Parts.build(
                store,
                self._settings,
                self._clock,
                Fleet(making.make),
                self._configured,
                making.toolbox,
            )
            making.on_held_up = parts.desk.setbacks.held_up
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(parts.desk.ledger.writer.run())
                door = await self._begin(parts)
                loops = parts.start_loops(tasks, door)
                _heed_signals(parts)
                _settle_memory()
                herald.tell("ready")
                watching = tasks.create_task(
                    watch_lock(self._lock, self._settings.state_dir, self._clock)
                )
                await parts.desk.stopping.wait()
                watching.cancel()
                await self._end(parts, loops, door)
                await writing
        finally:
            await store.close()

    async def _begin(self, parts: "Parts") -> socket.socket:
        """Everything that must be true before the first new job may start."""
        desk = parts.desk
        working_set, ledger = desk.working_set, desk.ledger
        await desk.enrolment.muster(self._configured.now)
        await desk.enrolment.greet()
        self._warn_of_overbooking(desk)
        await desk.enrolment.take_over()
        open_attempts = len(working_set.live.by_attempt)
        cause = f"{open_attempts} attempts taken over" if open_attempts else ""
        await ledger.note(Draft(type=EventType.DAEMON_STARTED, cause=cause, data=_self()))
        working_set.granting, working_set.not_granting_why = True, ""
        parts.dispatch_wake.knock()
        parts.promote_wake.knock()
        return open_door(door_path(self._settings.state_dir))

    def _warn_of_overbooking(self, desk: Desk) -> None:
        for text in overbooked(self._configured.now, measure(self._settings.state_dir)):
            log.warning("%s", text)
            desk.warnings[LOCAL] += (text,)

    async def _end(
        self, parts: "Parts", loops: Sequence["asyncio.Task[None]"], door: socket.socket
    ) -> None:
        """Stop granting, let everything be written, and leave the jobs alone."""
        desk = parts.desk
        desk.working_set.granting = False
        desk.working_set.not_granting_why = "the daemon is stopping"
        in_flight = sorted(desk.working_set.live.by_job)
        log.info("stopping; %d jobs go on: %s", len(in_flight), in_flight[:20])
        await parts.stop_loops(loops)
        door.close()
        door_path(self._settings.state_dir).unlink(missing_ok=True)
        data: dict[str, object] = {**_self(), "running": in_flight[:1000]}
        stopped = Draft(type=EventType.DAEMON_STOPPED, data=data)
        desk.ledger.tell(stopped, carried=desk.working_set.carried)
        desk.ledger.writer.finish()
        await desk.fleet.close()


def _self() -> dict[str, object]:
    return {"pid": os.getpid(), "version": VERSION}


def _keep_our_own_rights() -> None:
    """No umask may take from us, or from our jobs, what we make ourselves."""
    os.umask(os.umask(0o077) & 0o077)


def _settle_memory() -> None:
    """Keep the collector from walking over what stays for good, time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _heed_signals(parts: Parts) -> None:
    """TERM and INT end the daemon in order; the second one at once. Jobs go on either way.

    HUP has it read its configuration again.
    """
    loop, desk = asyncio.get_running_loop(), parts.desk

    def end() -> None:
        if desk.stopping.is_set():
            log.warning("leaving at once; nothing is lost")
            os._exit(1)
        desk.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    loop.add_signal_handler(signal.SIGHUP, parts.reload_wake.knock)


def _give_up(error: EngineError, herald: Herald, status: int = NOT_STARTED) -> int:
    print(f"crabtui: {error.message}", file=sys.stderr)
    herald.tell(error.message)
    return status


def _first(errors: BaseExceptionGroup[EngineError]) -> EngineError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
