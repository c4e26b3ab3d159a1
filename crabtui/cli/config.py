"""`crabtui config`: every setting in effect and where it came from; and checking a file."""

from pathlib import Path

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.moments import stamp
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from engine.config import Config, check, load
from engine.control.messages import ShowConfig
from engine.control.views import ConfigView, SettingView
from engine.errors import InvalidSpec, NoDaemon
from engine.model.words import unknown

HEADINGS = ("SETTING", "VALUE", "FROM", "MEANING")
RESTART = "*"
"""Marks what only a restart changes."""


@click.command(cls=Verb)
@click.argument("prefix", required=False)
@click.option("--check", "file", metavar="FILE", help="Say what is wrong with FILE instead.")
def config(prefix: str | None, file: str | None) -> int:
    """Print every setting in effect, or those below PREFIX, and where each came from.

    Without a daemon: what the files and the environment say. Starts none.
    """
    if file is not None:
        return _check(Path(file))
    found, is_live = _found()
    shown = _below(found, prefix)
    if setting().as_json:
        say_json({"settings": shown, "files": found.files, "daemon": is_live})
        return 0
    say_lines(table(HEADINGS, [_row(one) for one in shown]))
    say()
    for name in found.files:
        say(f"file: {name}")
    if any(one.needs_restart for one in shown):
        say(f"{RESTART} takes effect at the next start: `crabtui restart`")
    if not is_live:
        say("no daemon runs here: what was set by hand is not shown")
    return 0


def _found() -> tuple[ConfigView, bool]:
    """The configuration, and whether it is that of a running daemon."""
    try:
        with enter(start=False) as client:
            return client.call(ShowConfig()), True
    except NoDaemon as nobody:
        if "silent_s" in nobody.details or setting().remote is not None:
            raise
    return _view(load(setting().state)), False


def _view(read: Config) -> ConfigView:
    shown = tuple(
        SettingView(
            key=one.key,
            value=one.value,
            source=one.source,
            about=one.about,
            needs_restart=one.needs_restart,
        )
        for one in read.shown.values()
    )
    return ConfigView(settings=shown, files=read.files)


def _below(found: ConfigView, prefix: str | None) -> list[SettingView]:
    """The settings whose key begins with `prefix`. Raises: InvalidSpec, if none does."""
    shown = [one for one in found.settings if one.key.startswith(prefix or "")]
    if prefix and not shown:
        tables = {one.key.rpartition(".")[0] for one in found.settings}
        raise unknown("setting", prefix, {one.key for one in found.settings} | tables)
    return shown


def _row(one: SettingView) -> tuple[str, ...]:
    mark = RESTART if one.needs_restart else ""
    when = f" {stamp(one.set_at)}" if one.set_at is not None else ""
    return (one.key + mark, one.value, one.source + when, one.about)


def _check(file: Path) -> int:
    try:
        read = check(setting().state, file.absolute())
    except InvalidSpec as wrong:
        if not setting().as_json:
            for text in wrong.details.get("problems", ())[1:]:
                complain(text)
        raise
    warnings = _warn(read)
    given = sum(one.source != "default" for one in read.shown.values())
    if setting().as_json:
        say_json({"file": str(file), "ok": True, "settings": given, "warnings": warnings})
    else:
        say(f"{file}: nothing is wrong; {given} settings")
    return 0


def _warn(read: Config) -> list[str]:
    """Say what is allowed and perhaps not meant."""
    from engine.config.machine import measure  # slow to load, and often not needed
    from engine.config.partitions import overbooked

    found = overbooked(read, measure(setting().state))
    if not setting().as_json:
        for text in found:
            complain(f"warning: {text}")
    return found
