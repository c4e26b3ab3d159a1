"""What can be set about the console itself: each once, for `:set` and the settings dialog."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crabtui.commands import parse_span_ms
from crabtui.theme import THEMES
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk

ON: Final = "on"
SWITCH: Final = (ON, "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be set."""

    name: str
    values: Sequence[str]
    """Those to choose from; the usual ones, if `check` takes others too."""
    help: str
    now: "Callable[[Desk], str]"
    change: "Callable[[Desk, str], object]"
    check_other: Callable[[str], object] | None = None

    def check(self, value: str) -> None:
        """Refuse what it cannot be set to.

        Raises:
            InvalidSpec: with the nearest right value.
        """
        if value in self.values:
            return
        if self.check_other is None:
            raise unknown(self.name, value, self.values)
        self.check_other(value)


def _theme(app: "Desk") -> str:
    return app.theme


def _utc(app: "Desk") -> str:
    return SWITCH[not app.utc]


def _change_theme(app: "Desk", value: str) -> None:
    app.theme = value


def _change_utc(app: "Desk", value: str) -> None:
    if app.utc != (value == ON):
        app.looking.do_utc()


def _refresh(app: "Desk") -> str:
    seconds = app.feed.least_gap_s
    return f"{seconds:g}s" if seconds else "off"


def _read_refresh(value: str) -> float:
    return 0.0 if value == "off" else parse_span_ms(value) / 1_000


def _change_refresh(app: "Desk", value: str) -> None:
    app.feed.look_every(_read_refresh(value))


def _bell(app: "Desk") -> str:
    return app.notes.bell


def _change_bell(app: "Desk", value: str) -> None:
    app.notes.bell = value


def _mouse(app: "Desk") -> str:
    return SWITCH[not app.notes.hears_mouse]


def _change_mouse(app: "Desk", value: str) -> None:
    app.notes.hear_mouse(on=value == ON)


OPTIONS: Final[tuple[Option, ...]] = (
    Option(
        name="theme",
        values=tuple(THEMES),
        help="its colours",
        now=_theme,
        change=_change_theme,
    ),
    Option(
        name="utc",
        values=SWITCH,
        help="times in UTC",
        now=_utc,
        change=_change_utc,
    ),
    Option(
        name="refresh",
        values=("off", "500ms", "1s", "2s", "5s"),
        help="least time between two looks at one thing",
        now=_refresh,
        change=_change_refresh,
        check_other=_read_refresh,
    ),
    Option(
        name="bell",
        values=("off", "watched", "errors", "all"),
        help="what rings it",
        now=_bell,
        change=_change_bell,
    ),
    Option(
        name="mouse",
        values=SWITCH,
        help="whether clicks and the wheel do something",
        now=_mouse,
        change=_change_mouse,
    ),
)

BY_NAME: Final = {option.name: option for option in OPTIONS}
