"""Foreign: a package's backend, made when it is first needed and held at arm's length.

Whatever it does wrong is told in the errors that a Backend may raise, as its worker's own
trouble: no loop of ours ends by it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from engine.backends.held_up import Watch
from engine.backends.protocol import Backend, HostFacts, Order, Report
from engine.errors import (
    BackendError,
    EngineError,
    InvalidSpec,
    LinkRefused,
    Unreachable,
    UnusableState,
)
from engine.model.ids import Epoch

T = TypeVar("T")

log = logging.getLogger(__name__)

_MAY_RAISE = (BackendError, UnusableState, InvalidSpec)


class ForeignBackend:
    """Passes everything on to a backend that is not ours. Keeps the protocol Backend."""

    def __init__(
        self, kind: str, make: Callable[[], Backend], watch: Watch | None = None
    ) -> None:
        """Make nothing yet.

        Args:
            kind: Its name, for messages.
            make: Makes it; raises LinkRefused, and is tried again at the next `hello`.
            watch: Tells of what keeps the event loop to itself; None: nobody does.
        """
        self._kind = kind
        self._make = make
        self._watch = watch
        self._made: Backend | None = None
        self._is_made = asyncio.Event()

    async def hello(self, epoch: Epoch) -> HostFacts:
        if self._made is None:
            self._made = await self._watched("hello", self._begin())
            self._is_made.set()
        facts: HostFacts = await self._guard("hello", self._made.hello(epoch))
        if not isinstance(facts, HostFacts):
            raise self._failed("hello", TypeError(f"answers with {type(facts).__name__}"))
        return facts

    async def _begin(self) -> Backend:
        return self._make()

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        begun: list[Report | Exception]
        begun = await self._guard("start", self._there("start").start(orders))
        if not isinstance(begun, list) or len(begun) != len(orders):
            raise self._failed("start", TypeError("must answer each order, in order"))
        return [self._sorted(each) for each in begun]

    async def ends(self) -> AsyncIterator[Report]:
        await self._is_made.wait()
        try:
            reports = aiter(self._there("ends").ends())
            while True:
                try:
                    report = await self._watched("ends", anext(reports))
                except StopAsyncIteration:
                    return
                yield report
        except EngineError as error:
            raise self._allowed("ends", error) from error
        except (Exception, SystemExit) as error:  # a package's own code
            raise self._failed("ends", error) from error

    async def close(self) -> None:
        if self._made is not None:
            try:
                await self._guard("close", self._made.close())
            except EngineError as error:
                log.warning("%s", error.message)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def ask(*args: Any, **options: Any) -> Any:
            verb = getattr(self._there(name), name, None)
            if verb is None:
                raise Unreachable(f"backend {self._kind!r} has no {name!r}")
            return await self._guard(name, verb(*args, **options))

        return ask

    def _watched(self, verb: str, answer: Awaitable[T]) -> Awaitable[T]:
        return answer if self._watch is None else self._watch.steps(verb, answer)

    def _there(self, verb: str) -> Backend:
        if self._made is None:
            raise Unreachable(f"backend {self._kind!r} was not asked for `{verb}` yet")
        return self._made

    async def _guard(self, verb: str, answer: Awaitable[Any]) -> Any:
        try:
            return await self._watched(verb, answer)
        except EngineError as error:
            raise self._allowed(verb, error) from error
        except (Exception, SystemExit) as error:  # a package's own code
            raise self._failed(verb, error) from error

    def _sorted(self, begun: Report | Exception) -> Report | Exception:
        """What became of one order: a report, or an error that is known here."""
        if isinstance(begun, Report | EngineError):
            return begun
        error = begun if isinstance(begun, Exception) else TypeError(f"answers {begun!r:.60}")
        return self._failed("start", error)

    def _allowed(self, verb: str, error: EngineError) -> EngineError:
        if isinstance(error, _MAY_RAISE):
            return error
        why = f"backend {self._kind!r}, asked for `{verb}`: {error.message}"
        return LinkRefused(why, details=error.details)

    def _failed(self, verb: str, error: BaseException) -> Unreachable:
        why = f"backend {self._kind!r} failed at `{verb}`: {type(error).__name__}: {error}"
        log.warning("%s", why[:500])
        return Unreachable(why[:500])
