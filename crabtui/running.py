"""Running the console in this terminal, or for one picture of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crabtui import verbs
from crabtui.addresses import Address, parse_address
from crabtui.app import CrabApp
from crabtui.data.wording import plural
from crabtui.dumping import dump
from crabtui.key_files import load_keys
from crabtui.keymap import Keymap
from crabtui.reaching import Reaching
from crabtui.session import load, session_of, session_path
from crabtui.start import Start
from crabtui.theme import THEMES, choose, is_ascii_wanted
from engine.config import ClientConfig, Context, read_client_config
from engine.control.blocking import BlockingClient
from engine.control.remote import Remote
from engine.model.words import unknown

CONTEXT_CELLS: Final = 24


@dataclass(frozen=True, slots=True)
class Checked:
    """A start whose flags were found to mean something."""

    start: Start
    address: Address | None
    key_map: Keymap
    theme: str
    told: ClientConfig
    """What the configuration tells consoles; flags go before."""


class Elsewhere(Exception):
    """The console was left to look at another place."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.name)
        self.context = context


def checked(start: Start) -> Checked:
    """Understand what the flags of a start name.

    Raises:
        InvalidSpec: no such view, filter, theme, verb or key file; with the nearest.
    """
    for line in start.lines:
        verbs.read(line)
    environ = dict(os.environ) | ({"NO_COLOR": "1"} if start.no_color else {})
    told = read_client_config()
    return Checked(
        start=start,
        address=parse_address(start.address) if start.address else None,
        key_map=load_keys(start.keys),
        theme=choose(start.theme or _told_theme(told, environ), environ),
        told=told,
    )


def _told_theme(told: ClientConfig, environ: Mapping[str, str]) -> str | None:
    """The theme of the configuration, if nothing in the environment goes before it."""
    if environ.get("CRABTUI_THEME") or environ.get("NO_COLOR"):
        return None
    theme: str | None = told.console["theme"]
    if theme is not None and theme not in THEMES:
        raise unknown("theme", theme, THEMES, field=f"{told.sources['theme']}: console.theme")
    return theme


def run_console(
    asked: Checked,
    *,
    where: Path | Remote,
    first: BlockingClient | None = None,
    context: Context | None = None,
) -> int:
    """Run the console until it is left, or print its picture; the exit code.

    Its daemon is that of the state directory, or of the machine, `where`. It begins with
    the connection `first`, if there is one. `context` names it, if it has a name.

    Raises:
        Elsewhere: it was left to look at another place.
    """
    reach = Reaching(where, first)
    app = _app(asked, where, reach, context)
    start = asked.start
    try:
        if start.dump is not None:
            return dump(app, start.dump, start.size)
        code = app.run(mouse=asked.told.console["mouse"]) or app.return_code or 0
    finally:
        reach.close()
    if app.administering.next is not None:
        raise Elsewhere(app.administering.next)
    if app.jobs_running and not code:
        keep = "keeps" if app.jobs_running == 1 else "keep"
        print(f"{plural(app.jobs_running, 'job')} {keep} running; crabtui to return")
    return code


def _app(
    asked: Checked, where: Path | Remote, reach: Reaching, context: Context | None
) -> CrabApp:
    start, told = asked.start, asked.told.console
    is_here = isinstance(where, Path)
    path = session_path(where) if isinstance(where, Path) else session_of(where)
    usual = _short(where) if isinstance(where, Path) else str(where)[-CONTEXT_CELLS:]
    app = CrabApp(
        reach,
        context=context.name if context else usual,
        accent=context.accent if context else "text",
        read_only=start.is_guarded,
        arm_s=start.arm_s,
        never_acts=start.never_act,
        ascii_only=_is_ascii(start, told["ascii"]),
        theme_name=_theme(asked, path),
        address=asked.address,
        session_path=None if start.dump else path,
        is_fresh=start.fresh,
        state_dir=where if is_here and isinstance(where, Path) else None,
        key_map=asked.key_map,
        refresh_s=start.refresh_s or (told["refresh"] or 0) / 1_000,
        is_utc=told["utc"],
        first_lines=start.lines,
    )
    app.notes.hears_mouse = told["mouse"]
    if told["bell"] is not None and "bell" not in app.remembering.before.options:
        app.notes.bell = told["bell"]
    return app


def _is_ascii(start: Start, told: bool | None) -> bool:
    return start.in_ascii or (is_ascii_wanted(os.environ) if told is None else told)


def _theme(asked: Checked, path: Path) -> str:
    """The theme that was asked for, else the one of the last session, else what fits."""
    start = asked.start
    told = (start.theme, os.environ.get("CRABTUI_THEME"), os.environ.get("NO_COLOR"))
    if any(told) or start.no_color or start.fresh or start.dump:
        return asked.theme
    kept = load(path).theme
    return kept if kept in THEMES else asked.theme


def _short(path: Path) -> str:
    """A state directory in few enough cells for the header."""
    home = Path.home()
    text = f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
    return text if len(text) <= CONTEXT_CELLS else f"…{text[1 - CONTEXT_CELLS :]}"
