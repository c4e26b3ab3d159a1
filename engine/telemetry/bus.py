"""The bus: handlers attached by name, and what becomes of a signal on its way to them."""

import inspect
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from blinker import Namespace

from engine.errors import InvalidSpec
from engine.model.signals import Signal, matching

log = logging.getLogger(__name__)

Handler = Callable[[str, Mapping[str, int | float], Mapping[str, object]], object]
"""Called with name, measurements and metadata, which it cannot change. Must not wait."""

Middleware = Callable[[Signal], Signal | None]
"""A signal as it goes on; None: it does not."""

CONSOLE: Final = "console_logger"


class Telemetry:
    """Hands signals to handlers.

    A handler that fails hurts nobody: the others still get the signal, and so does it the
    next one, for what failed once may work again. Its failures are counted in `failures`,
    and the first is logged.
    """

    def __init__(self) -> None:
        self._signals = Namespace()
        self._attached: dict[str, tuple[frozenset[str], Callable[..., object]]] = {}
        self._middleware: list[Middleware] = []
        self.failures: Counter[str] = Counter()
        """How often each handler failed, by its name; middleware by its own."""

    def attach(self, name: str, event: str, handler: Handler) -> None:
        """Have a handler called for an event.

        Args:
            name: Of the handler, to detach it by.
            event: `job.completed`, or a pattern such as `job.*`.
            handler: Called in the order in which handlers were attached.

        Raises:
            InvalidSpec: no event matches, the name is taken, or nobody would await it.
        """
        self.attach_many(name, (event,), handler)

    def attach_many(self, name: str, events: Iterable[str], handler: Handler) -> None:
        """The same for several events. Raises: as `attach`; then nothing was attached."""
        names = frozenset().union(*(matching(event) for event in events))
        if not names:
            raise InvalidSpec(f"telemetry: handler {name!r} is for no event", field="events")
        if name in self._attached:
            raise InvalidSpec(
                f"telemetry: a handler {name!r} is attached already", field="name"
            )
        if inspect.iscoroutinefunction(handler):
            raise InvalidSpec(f"telemetry: handler {name!r} is async; nobody would await it")

        def receive(_: Any, *, signal: Signal) -> None:
            self._call(name, handler, signal)

        for each in names:
            self._signals.signal(each).connect(receive, weak=False)
        self._attached[name] = (names, receive)

    def detach(self, name: str) -> bool:
        """Have a handler called no more; whether there was one."""
        if name not in self._attached:
            return False
        names, receive = self._attached.pop(name)
        for each in names:
            self._signals.signal(each).disconnect(receive)
        return True

    def attach_console_logger(self, name: str = CONSOLE) -> None:
        """Log everything, one line each, to the logger of this module. Raises: as `attach`."""
        self.attach(name, "*", _log)

    def use(self, middleware: Middleware) -> None:
        """Have each signal pass through this, after what was given before.

        Middleware that fails is passed by: the signal goes on as it came.
        """
        self._middleware.append(middleware)

    def emit(self, signal: Signal) -> None:
        """Hand a signal to whoever is attached to its name. Never raises."""
        passed = self._through(signal)
        if passed is not None:
            self._signals.signal(passed.name).send(self, signal=passed)

    def _through(self, signal: Signal) -> Signal | None:
        for middleware in self._middleware:
            try:
                changed = middleware(signal)
            except Exception as error:  # somebody else's code
                self._failed(getattr(middleware, "__name__", "middleware"), error)
                continue
            if changed is None:
                return None
            signal = changed
        return signal

    def _call(self, name: str, handler: Handler, signal: Signal) -> None:
        try:
            handler(
                signal.name,
                MappingProxyType(signal.measurements),
                MappingProxyType(signal.metadata),
            )
        except Exception as error:  # somebody else's code
            self._failed(name, error)

    def _failed(self, name: str, error: Exception) -> None:
        self.failures[name] += 1
        if self.failures[name] == 1:
            log.warning("telemetry: handler %s failed", name, exc_info=error)


def _log(
    name: str, measurements: Mapping[str, int | float], metadata: Mapping[str, object]
) -> None:
    told = " ".join(f"{key}={value}" for key, value in {**measurements, **metadata}.items())
    log.info("%s %s", name, told)
