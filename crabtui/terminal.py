"""The terminal itself: what it is told beside what it shows."""

from collections.abc import Callable

from textual.driver import Driver


def heard(base: type[Driver], tell: Callable[[Driver], None]) -> type[Driver]:
    """A driver like `base` that says when it is made: `tell` can write to the terminal then."""

    def begin(self: Driver, *args: object, **named: object) -> None:
        base.__init__(self, *args, **named)  # type: ignore[arg-type]
        tell(self)

    return type(base.__name__, (base,), {"__init__": begin})
