"""`crabtui restart`: swap the daemon under running jobs."""

import contextlib

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json
from crabtui.cli.reaching.departure import ask_to_leave
from crabtui.cli.reaching.launch import start_daemon
from engine.config import load
from engine.errors import NoDaemon

PATIENCE_S = 30.0
"""How long the old daemon may keep its lock after it has hung up."""


@click.command(cls=Verb)
def restart() -> int:
    """Put a daemon of this version in the place of the one that runs; jobs keep running.

    Starts one if none runs. With a mistake in the configuration nothing is stopped.
    """
    state, old = setting().state, None
    load(state)
    with contextlib.suppress(NoDaemon):
        old = ask_to_leave()
    with start_daemon(state, patience_s=PATIENCE_S) as client:
        assert client.hello is not None
        new = client.hello.daemon
    if setting().as_json:
        say_json({"old": old, "new": new.pid, "version": new.version, "epoch": new.epoch})
    else:
        was = f"daemon {old} → {new.pid}" if old else f"daemon {new.pid}"
        say(f"{was}, version {new.version}")
    return 0
