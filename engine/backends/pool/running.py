"""Running: one call from its order to its end, and what is reported of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.backends.pool.process import Process
from engine.backends.pool.timers import Timer
from engine.backends.protocol import HostState, Order, Report
from engine.errors import Category
from engine.model.outcome import Trouble
from engine.tools.frames import Ended


@dataclass(slots=True, kw_only=True, eq=False)
class Running:
    """A call that was accepted and has not ended."""

    order: Order
    kind: str
    pid: int
    """Of its process; until it has one, the pool's."""
    taken_s: float = 0.0
    """When the pool accepted it."""
    began_s: float | None = None
    """When it was given to a process; None: it waits."""
    process: Process | None = None
    why: str | None = None
    """The first reason for which it was told to end."""
    softened: bool = False
    paused: bool = False
    timers: list[Timer] = field(default_factory=list)
    left: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    """While it stands still: seconds that were left of its timers, and what they do."""

    @property
    def id(self) -> str:
        """Its attempt."""
        return self.order.attempt

    def report(self) -> Report:
        """It runs."""
        return Report(
            attempt=self.order.attempt,
            state=HostState.RUNNING,
            pid=self.pid,
            pid_start="pool",
            ident="pool",
            softened=self.softened,
            paused=self.paused,
        )

    def ended(self, end: Ended) -> Report:
        """It came to this."""
        if end.error is None:
            return self._exited(code=0, result=end.value)
        return self._exited(code=1, trouble=_trouble(end.error))

    def not_run(self, trouble: Trouble) -> Report:
        """It cannot be called at all."""
        return self._exited(code=1, trouble=trouble)

    def void(self) -> Report:
        """It was told to end before it began."""
        return Report(attempt=self.order.attempt, state=HostState.VOID)

    def process_ended(self, process: Process, blame: str) -> Report:
        """Its process is gone.

        Args:
            process: Which has ended.
            blame: Who else was the reason; empty: nobody, it was its own doing.
        """
        if self.why is not None:
            return self._exited(code=process.code, signal=process.signal)
        how = f"exit {process.code}" if process.signal is None else f"signal {process.signal}"
        if blame:
            message = f"its process ended with {how}: {blame}"
            return self._lost(Trouble(category=Category.LOST, code="lost", message=message))
        message = f"it ended its process: {how}"
        trouble = Trouble(category=Category.INTERNAL, code="exited", message=message)
        return self._exited(code=process.code or 1, signal=process.signal, trouble=trouble)

    def _lost(self, trouble: Trouble) -> Report:
        return Report(
            attempt=self.order.attempt,
            state=HostState.LOST,
            trouble=trouble,
            message=trouble.message,
        )

    def _exited(
        self,
        *,
        code: int | None = None,
        signal: int | None = None,
        result: bytes | None = None,
        trouble: Trouble | None = None,
    ) -> Report:
        return Report(
            attempt=self.order.attempt,
            state=HostState.EXITED,
            pid=self.pid,
            pid_start="pool",
            ident="pool",
            code=code if signal is None else None,
            signal=signal,
            why=self.why or ("raised" if trouble else None),
            message=trouble.message if trouble else "",
            result=result,
            result_size=len(result or b""),
            softened=self.softened,
            trouble=trouble,
        )


def _trouble(error: dict[str, Any]) -> Trouble:
    """What a `ToolError` is to those who retry and to people."""
    kind = str(error.get("type", "error"))
    details = {"type": kind, "traceback": error.get("traceback", "")}
    try:
        category = Category(error.get("category", Category.INTERNAL))
    except ValueError:
        category = Category.INTERNAL
    return Trouble(
        category=category,
        code=kind if kind.islower() else "raised",
        message=f"{kind}: {error.get('message', '')}"
        if not kind.islower()
        else str(error.get("message", "")),
        details={name: text for name, text in details.items() if text},
        retryable=bool(error.get("retryable")),
        retry_after_ms=error.get("retry_after_ms"),
    )
