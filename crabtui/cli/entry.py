"""How commands get through the door.

All verbs start a daemon if none runs, as tmux does, because the jobs of a state directory
are there whether a daemon runs or not. Except those that are about the daemon itself:
`stop`, `stats` and `doctor` never start one, and `restart` decides for itself.
"""

import sys
from contextlib import suppress

from crabtui.cli.failure import complain
from crabtui.cli.setting import setting
from engine.control.blocking import BlockingClient, connect
from engine.control.messages import VERSION
from engine.errors import NoDaemon, VersionMismatch


def enter(*, start: bool = True) -> BlockingClient:
    """A connection to the daemon of this command's state directory.

    Raises:
        NoDaemon: none runs, and none was to be started or could be.
        VersionMismatch: it speaks another protocol.
    """
    state = setting().state
    try:
        client = connect(state)
    except NoDaemon as nobody:
        if not start or "silent_s" in nobody.details:
            raise
        from crabtui.cli.launch import start_daemon

        return start_daemon(state)
    _compare_versions(client)
    return client


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
            from crabtui.cli.launch import start_daemon

            start_daemon(setting().state).close()


def _compare_versions(client: BlockingClient) -> None:
    """Tell a person at a terminal that the daemon is of another version, and the way out."""
    assert client.hello is not None
    other = client.hello.daemon.version
    if other != VERSION and sys.stderr.isatty():
        complain(f"the daemon is version {other}, this is {VERSION}: `crabtui restart`")


def now_at(client: BlockingClient) -> int:
    """The daemon's time when it introduced itself, in UTC microseconds."""
    assert client.hello is not None
    return client.hello.now_at
