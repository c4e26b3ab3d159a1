"""A daemon without an engine: a real unix socket, the real protocol, answers by script.

with FakeDoor(tmp_path) as door:
    door.answers[GetStats] = a_stats()                  # a value, an error,
    door.answers[Cancel] = lambda ask: Acted(...)       # or what makes one from the ask
    door.answers[FollowEvents] = [event, event]         # a stream: these, then its end
    door.answers[Watch] = Open([pulse])                 # a stream that stays open …
    door.push(Watch, another_pulse)                     # … and gets more
assert door.asked(Cancel) == [Cancel(...)]
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from engine.control import frames, views
from engine.control.asks import decode_ask
from engine.control.messages import PROTOCOL, VERSION, SayHello, Stream
from engine.errors import EngineError, NotAllowed

TIMEOUT_S = 90.0


@dataclass
class Open:
    """Items of a stream that is not ended by the daemon."""

    items: list[Any] = field(default_factory=list)


class HungUp(Exception):
    """Raised by a scripted answer: close the connection instead of answering."""


class Silence(Exception):
    """Raised by a scripted answer: never answer this one."""


def a_daemon(**changed: Any) -> views.DaemonView:
    """A daemon's view of itself."""
    known = {
        "pid": 4711,
        "epoch": 3,
        "version": VERSION,
        "state_dir": "/state",
        "started_at": 1_700_000_000_000_000,
    }
    return views.DaemonView(**{**known, **changed})


def a_hello(**changed: Any) -> views.Hello:
    """A daemon's introduction."""
    known = {
        "daemon": a_daemon(),
        "protocol": PROTOCOL,
        "user": "ann",
        "rights": ("read", "act"),
        "now_at": 1_700_000_100_000_000,
    }
    return views.Hello(**{**known, **changed})


class FakeDoor:
    """Listens at `<state>/run/door`; a thread for each connection."""

    def __init__(self, state: Path) -> None:
        self.path = state / "run" / "door"
        self.answers: dict[type[Any], Any] = {SayHello: a_hello()}
        self.asks: list[Any] = []
        self.drops: list[int] = []
        self.connections = 0
        self._changed = threading.Condition()
        self._open: list[tuple[type[Any], socket.socket, int]] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._listener.bind(str(self.path))
        self._listener.listen(16)
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        _shut(self._listener)
        self.path.unlink(missing_ok=True)
        with self._changed:
            for each in self._sockets:
                _shut(each)
        for thread in self._threads:
            thread.join(TIMEOUT_S)

    def asked(self, kind: type[Any]) -> list[Any]:
        """The requests of this kind so far, in order."""
        with self._changed:
            return [ask for ask in self.asks if isinstance(ask, kind)]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return once `condition` holds; looked at whenever something arrives."""
        with self._changed:
            assert self._changed.wait_for(condition, TIMEOUT_S), "it never happened"

    def push(self, kind: type[Any], item: Any) -> None:
        """Send one more item on every open stream of this kind, once there is one."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: any(opened is kind for opened, _, _ in self._open), TIMEOUT_S
            ), f"nobody asked for {kind.__name__}"
            for opened, connection, number in self._open:
                if opened is kind:
                    connection.sendall(frames.encode_item(number, item))

    def hang_up(self) -> None:
        """Close every connection, as a daemon that dies does."""
        with self._changed:
            for each in self._sockets:
                _shut(each)

    def _spawn(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self._sockets.append(connection)
                self.connections += 1
                self._changed.notify_all()
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        deframer = frames.Deframer()
        try:
            while data := connection.recv(1 << 16):
                for body in deframer.feed(data):
                    self._handle(connection, frames.decode_call(body))
        except (OSError, HungUp):
            pass
        finally:
            _shut(connection)

    def _handle(self, connection: socket.socket, call: frames.Call) -> None:
        if call.drop:
            with self._changed:
                self.drops.append(call.id)
                self._open = [each for each in self._open if each[2] != call.id]
                self._changed.notify_all()
            return
        ask = decode_ask(call.ask)
        try:
            answer = self._answer(ask)
        except Silence:
            answer = Open()
        except EngineError as error:
            answer = error
        with self._changed:
            if isinstance(answer, Open):
                self._open.append((type(ask), connection, call.id))
                self._changed.notify_all()
            self._reply(connection, call.id, ask, answer)

    def _answer(self, ask: Any) -> Any:
        with self._changed:
            self.asks.append(ask)
            self._changed.notify_all()
        answer = self.answers.get(type(ask), NotAllowed(f"no answer scripted for {ask!r}"))
        return answer(ask) if callable(answer) else answer

    def _reply(self, to: socket.socket, number: int, ask: Any, answer: Any) -> None:
        if isinstance(answer, EngineError):
            to.sendall(frames.encode_error(number, answer))
        elif isinstance(answer, Open):
            for item in answer.items:
                to.sendall(frames.encode_item(number, item))
        elif isinstance(ask, Stream):
            for item in answer:
                to.sendall(frames.encode_item(number, item))
            to.sendall(frames.encode_ok(number, views.Done()))
        else:
            to.sendall(frames.encode_ok(number, answer))


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
