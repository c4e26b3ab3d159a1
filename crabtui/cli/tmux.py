"""The tmux server of a worker's account, asked from here: plainly, or over ssh."""

import os
import subprocess
from dataclasses import dataclass
from typing import Final

from crabtui.cli.frame.setting import setting
from crabtui.data.sanitize import sanitize
from crabtui.data.terminal_argv import host_argv, session_argv
from engine.control import place
from engine.control.views import WorkerView
from engine.errors import NotAllowed, NotFound, Unreachable
from engine.model.sessions import Role, role_of

_SSH_FAILED: Final = 255
_NO_PROGRAM: Final = (126, 127)
_FORMAT: Final = "#{session_name} #{session_created} #{session_activity} #{session_attached}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A session of ours; instants are seconds since 1970."""

    worker: str
    name: str
    role: Role
    created_s: int
    active_s: int
    attached: int


class Tmux:
    """tmux on one worker's host. Every session is named in full, as `=NAME`."""

    def __init__(self, worker: WorkerView) -> None:
        self.worker = worker
        self._known = place.known_hosts(setting().state)

    def attach_argv(self, name: str) -> list[str]:
        """What to run in a terminal to be in this session."""
        return session_argv(self.worker, name, self._known, os.environ)

    def ask(self, *words: str) -> str | None:
        """What it says; None: it refuses, as there is no such session or no server.

        Raises:
            Unreachable: there is no way to it, or no tmux there.
        """
        tmux = ["tmux", *words]
        command = host_argv(self.worker, self._known, os.environ, tmux, terminal=False)
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
        except OSError as trouble:
            raise Unreachable(f"{command[0]}: {trouble.strerror}") from None
        is_remote = bool(self.worker.address)
        if done.returncode in _NO_PROGRAM or (is_remote and done.returncode == _SSH_FAILED):
            said = sanitize(done.stderr.decode("utf-8", "replace").strip())
            raise Unreachable(f"{self.worker.name}: {said or 'no tmux there'}")
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None

    def has(self, name: str) -> bool:
        """Whether this very session is there."""
        return self.ask("has-session", "-t", f"={name}") is not None

    def make(self, name: str, cwd: str | None) -> bool:
        """Have the session be there; whether it is new."""
        if self.has(name):
            return False
        where = ["-c", cwd] if cwd else []
        made = self.ask("new-session", "-d", "-s", name, *where) is not None
        if not made and not self.has(name):
            raise Unreachable(f"{self.worker.name}: tmux would not make {name}")
        return made

    def listed(self) -> list[Listed]:
        """Sessions of ours, the oldest first."""
        lines = (self.ask("list-sessions", "-F", _FORMAT) or "").splitlines()
        found = [one for line in lines if (one := self._read(line)) is not None]
        return sorted(found, key=lambda one: (one.created_s, one.name))

    def kill(self, name: str) -> None:
        """End a session of ours.

        Raises:
            NotAllowed: it is none of ours, or a person's own.
            NotFound: there is none of exactly this name.
        """
        role = role_of(name)
        if role is None:
            raise NotAllowed(f"{name!r} is no session of ours; tmux itself can end it")
        if role is Role.HUMAN:
            raise NotAllowed(f"{name} is a person's own; only they end it")
        if self.ask("kill-session", "-t", f"={name}") is None:
            raise NotFound(f"there is no session {name} on {self.worker.name}")

    def type(self, name: str, text: str) -> None:
        """Type a line into it, to the letter. Raises: NotFound: it is not there."""
        if text.endswith(";"):  # tmux would take it for the end of its own command
            text = text[:-1] + "\\;"
        typed = self.ask("send-keys", "-t", f"={name}:", "-l", "--", text)
        if typed is None or self.ask("send-keys", "-t", f"={name}:", "Enter") is None:
            raise NotFound(f"there is no session {name} on {self.worker.name}")

    def _read(self, line: str) -> Listed | None:
        words = line.split(" ")
        role = role_of(words[0])
        if role is None or len(words) != 4 or not all(map(str.isdigit, words[1:])):
            return None
        created, active, attached = map(int, words[1:])
        return Listed(self.worker.name, words[0], role, created, active, attached)
