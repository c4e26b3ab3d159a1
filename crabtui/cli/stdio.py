"""`crabtui stdio`: the daemon's socket as standard input and output, for an ssh to carry."""

import contextlib
import os
import socket
import threading
from pathlib import Path
from typing import Final

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from engine.control import absence, place
from engine.errors import NoDaemon

PIECE_BYTES: Final = 1 << 16


@click.command(cls=Verb)
@click.option("--no-start", is_flag=True, help="Start no daemon if none runs.")
def stdio(no_start: bool) -> int:
    """Carry frames between standard input and output and the daemon. Ends with either.

    Nothing but frames is written to standard output.
    """
    with _opened(setting().state, start=not no_start) as door:
        threading.Thread(target=_carry_in, args=(door,), daemon=True).start()
        _carry_out(door)
    return 0


def _opened(state: Path, *, start: bool) -> socket.socket:
    try:
        return _door(state)
    except NoDaemon:
        if not start:
            raise
    from crabtui.cli.reaching.launch import start_daemon

    start_daemon(state).close()
    return _door(state)


def _door(state: Path) -> socket.socket:
    path = place.door(state)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        door.connect(str(path))
    except OSError as trouble:
        door.close()
        raise absence.cannot_connect(path, trouble) from None
    return door


def _carry_in(door: socket.socket) -> None:
    """What the client says, until it hangs up: then the whole conversation is over."""
    with contextlib.suppress(OSError):
        while piece := os.read(0, PIECE_BYTES):
            door.sendall(piece)
    with contextlib.suppress(OSError):
        door.shutdown(socket.SHUT_RDWR)


def _carry_out(door: socket.socket) -> None:
    """What the daemon says, until it hangs up or nobody listens."""
    with contextlib.suppress(OSError):
        while piece := door.recv(PIECE_BYTES):
            _write(piece)


def _write(piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(1, left) :]
