"""How commands get through the door.

All verbs start a daemon if none runs, as tmux does, because the jobs of a state directory
are there whether a daemon runs or not. Except those that are about the daemon itself:
`stop`, `stats` and `doctor` never start one, and `restart` decides for itself.
"""

import sys
from contextlib import suppress
from dataclasses import replace

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import at_terminal, setting
from engine.control.blocking import BlockingClient, connect
from engine.control.messages import VERSION
from engine.control.remote import Remote
from engine.errors import NoDaemon, VersionMismatch


def enter(*, start: bool = True, any_protocol: bool = False) -> BlockingClient:
    """A connection to the daemon that this command is about, here or on another machine.

    Raises:
        NoDaemon: none runs, and none was to be started or could be; or the way is closed.
        VersionMismatch: it speaks another protocol.
    """
    where = setting().where
    if isinstance(where, Remote):
        client = connect(_prepared(where, start=start), any_protocol=any_protocol, kind="cli")
        return _compared(client, any_protocol)
    try:
        client = connect(where, any_protocol=any_protocol, kind="cli")
    except NoDaemon as nobody:
        if not start or "silent_s" in nobody.details:
            raise
        from crabtui.cli.reaching.launch import start_daemon

        return start_daemon(where)
    return _compared(client, any_protocol)


def _prepared(remote: Remote, *, start: bool) -> Remote:
    return replace(remote, starts=start, asks=at_terminal())


def wake() -> None:
    """See to it that a daemon runs; one that is silent or foreign is the console's to tell of.

    Raises:
        NoDaemon: none runs, and none could be started.
    """
    with suppress(VersionMismatch):
        try:
            connect(setting().state).close()
        except NoDaemon as nobody:
            if "silent_s" in nobody.details:
                return
            from crabtui.cli.reaching.launch import start_daemon

            start_daemon(setting().state).close()


def first_contact(remote: Remote, *, read_only: bool) -> BlockingClient:
    """The connection that a console begins with: now ssh may still ask for a password.

    Raises:
        NoDaemon: the machine, or a daemon there, cannot be reached.
        VersionMismatch: it speaks another protocol.
    """
    return connect(_prepared(remote, start=True), read_only=read_only, kind="console")


def _compared(client: BlockingClient, is_any_fine: bool) -> BlockingClient:
    """Tell a person at a terminal that the daemon is of another version, and the way out."""
    assert client.hello is not None
    other = client.hello.daemon.version
    if other != VERSION and not is_any_fine and sys.stderr.isatty():
        there = "" if setting().remote is None else " there"
        complain(f"the daemon is version {other}, this is {VERSION}: `crabtui restart`{there}")
    return client


def now_at(client: BlockingClient) -> int:
    """The daemon's time when it introduced itself, in UTC microseconds."""
    assert client.hello is not None
    return client.hello.now_at
