"""Which colour a meaning has: the only file that knows colours."""

from collections.abc import Mapping
from typing import Final

from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme
from textual.widget import Widget

from crabtui.data.glyphs import TOKENS, Token
from engine.model.words import unknown

NAMES: Final = (
    "background",
    "surface",
    "raised",
    "line",
    "text",
    "muted",
    "accent",
    "link",
    "wait",
    "block",
    "run",
    "warn",
    "ok",
    "bad",
)
"""Backgrounds, the colour of rules, and the colours of text, in the order of PALETTES."""

TOKEN_CLASSES: Final = frozenset(f"token--{token}" for token in TOKENS)
"""Component classes of a widget that paints by token."""

_DARK = (
    "#12161C #181E26 #212935 #364252 #D8DEE6 #8E9AAA #F2A07B"
    " #7FB4F0 #9FB0C6 #BFA2EE #5FCB8B #E8B64C #7FA890 #FF7A72"
)
_LIGHT = (
    "#FBFAF7 #F3F1EC #E8E5DE #B9B4A9 #22272E #5B6572 #A8431A"
    " #1F5FA8 #4E6078 #6F45B3 #17703F #855600 #4A6B57 #B3261E"
)
_DEUTERANOPIA = (
    "#12161C #181E26 #212935 #364252 #D8DEE6 #8E9AAA #A9BAFF"
    " #8FC1F0 #9FB0C6 #C3A6F2 #3FB4F5 #FFEFA3 #86AFCB #F57F3A"
)
_TRITANOPIA = (
    "#12161C #181E26 #212935 #364252 #D8DEE6 #939DAA #F2A07B"
    " #7FC7D9 #A3B1C2 #D3A5E0 #3FD0C0 #F6DFA6 #86AFA8 #FF6B78"
)
_HIGH_CONTRAST = (
    "#000000 #0B0E12 #1B2129 #8A96A6 #FFFFFF #C3CCD8 #FFB38A"
    " #9CCBFF #C4D2E6 #DCC4FF #6FF0A4 #FFD25E #A9DBBE #FFA39C"
)
_ANSI = (
    "ansi_default ansi_default ansi_default ansi_default ansi_default ansi_default ansi_yellow"
    " ansi_blue ansi_default ansi_magenta ansi_green ansi_yellow ansi_green ansi_red"
)
_MONO = " ".join(["ansi_default"] * len(NAMES))

PALETTES: Final[Mapping[str, Mapping[str, str]]] = {
    name: dict(zip(NAMES, colours.split(), strict=True))
    for name, colours in (
        ("crab-dark", _DARK),
        ("crab-light", _LIGHT),
        ("deuteranopia", _DEUTERANOPIA),
        ("tritanopia", _TRITANOPIA),
        ("high-contrast", _HIGH_CONTRAST),
        ("ansi", _ANSI),
        ("mono", _MONO),
    )
}

DEFAULT: Final = "crab-dark"


def variables(name: str) -> dict[str, str]:
    """CSS variables of a theme: `$crab-wait` and so on."""
    palette = PALETTES[name]
    plain = {f"crab-{key}": colour for key, colour in palette.items()}
    plain["crab-cursor-style"] = "reverse" if is_terminal_coloured(name) else "none"
    plain["crab-match-style"] = "reverse" if is_terminal_coloured(name) else "underline"
    return plain


def is_terminal_coloured(name: str) -> bool:
    """Whether the theme leaves the background to the terminal."""
    return name in ("ansi", "mono")


def _theme(name: str) -> Theme:
    palette = PALETTES[name]
    is_ansi = is_terminal_coloured(name)
    inherited = BUILTIN_THEMES["ansi-dark"].variables if is_ansi else {}
    return Theme(
        name=name,
        primary=palette["accent"],
        secondary=palette["link"],
        accent=palette["accent"],
        warning=palette["warn"],
        error=palette["bad"],
        success=palette["run"],
        foreground=palette["text"],
        background=palette["background"],
        surface=palette["surface"],
        panel=palette["raised"],
        dark=name != "crab-light",
        ansi=is_ansi,
        variables={**inherited, **variables(name)},
    )


THEMES: Final[Mapping[str, Theme]] = {name: _theme(name) for name in PALETTES}


def choose(wanted: str | None, environ: Mapping[str, str]) -> str:
    """The theme to start with: the one asked for, else one that fits the terminal.

    NO_COLOR wins over everything: only an ansi theme sends no colour at all then.

    Raises:
        InvalidSpec: there is no such theme; names the nearest one.
    """
    asked = wanted or environ.get("CRABTUI_THEME") or ""
    if asked:
        named(asked, "theme" if wanted else "theme of CRABTUI_THEME")
    if environ.get("NO_COLOR"):
        return "mono"
    if asked:
        return asked
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return "crab-light" if ground in ("7", "15") else DEFAULT


def named(name: str, kind: str = "theme") -> str:
    """`name`, if a theme is called so.

    Raises:
        InvalidSpec: none is; names the nearest one.
    """
    if name not in THEMES:
        raise unknown(kind, name, THEMES)
    return name


def is_ascii_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the locale or the terminal cannot show our signs."""
    if environ.get("TERM") == "linux":
        return True
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    return "utf" not in locale.lower()


def token_css(widget: str) -> str:
    """CSS that gives the token classes of `widget` their colours."""
    return "".join(
        f"{widget} > .token--{token} {{ color: $crab-{token}; background: transparent; }}\n"
        for token in TOKENS
    )


def token_styles(widget: Widget) -> dict[Token, Style]:
    """The foreground of each token, as `widget` is styled now."""
    return {
        token: Style(color=widget.get_component_rich_style(f"token--{token}").color)
        for token in TOKENS
    }
