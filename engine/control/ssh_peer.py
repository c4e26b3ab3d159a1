"""The ssh process between us and the daemon of another machine, and what its end means."""

import shutil
import socket
import subprocess
import tempfile
from typing import IO, Final

from engine.control.remote import Remote
from engine.errors import DoorError, EngineError, NoDaemon, VersionMismatch

SSH_FAILED: Final = 255
NOT_FOUND: Final = 127
NOT_ALLOWED: Final = 126
BAD_USE: Final = 2

ENDS_S: Final = 1.0
"""How long an ssh may take to end after it was left, or to say why it ended."""

TAIL_BYTES: Final = 4096

LONGEST: Final = 300
"""Letters of what ssh said that are repeated; whoever shows them makes them harmless."""

UNINTERRUPTED: Final = 'trap "" INT; exec "$@"'
"""Ctrl-C is for whoever talks through the link; an ssh that it ended could carry no cancel."""

_left: list["subprocess.Popen[bytes]"] = []
"""Those that need longer to end; they do so by themselves."""


class SshPeer:
    """The daemon of another machine. Its ssh runs until `leave`, or until it breaks."""

    def __init__(
        self, remote: Remote, process: "subprocess.Popen[bytes]", said: IO[bytes]
    ) -> None:
        self._remote = remote
        self._process = process
        self._said = said
        self._met = False

    def met(self) -> None:
        self._met = True

    def gone(self) -> EngineError:
        """Why the conversation has ended, in ssh's own words where it has any."""
        code = _code(self._process)
        last = self._last_line()
        details = {"host": str(self._remote), "ssh_exit": code}
        if self._met:
            return NoDaemon(self._lost(code, last), details={**details, "lost": True})
        if code == BAD_USE and "stdio" in last:
            return VersionMismatch(
                f"the crabtui on {self._remote} is too old for --host: {last}", details=details
            )
        return NoDaemon(self._never(code, last), details=details)

    def silent(self, seconds: float) -> EngineError:
        return NoDaemon(
            f"{self._remote} said nothing for {seconds:g} s: {self._last_line() or 'no word'}",
            details={"host": str(self._remote), "silent_s": seconds},
        )

    def babbles(self, broken: EngineError) -> EngineError:
        if self._met:
            return broken
        return NoDaemon(
            f"what {self._remote} sent is no frame: does its shell print something when it "
            f"starts? `ssh {self._remote.host} true` shows it",
            details={"host": str(self._remote)},
        )

    def leave(self) -> None:
        if self._said.closed:
            return
        if not self._met:
            self._process.terminate()
        if _code(self._process) is None:
            _left.append(self._process)
        self._said.close()

    def _lost(self, code: int | None, last: str) -> str:
        if code == SSH_FAILED:
            return f"the link to {self._remote} broke: {last or 'ssh did not say why'}"
        return f"the daemon on {self._remote} went away before it answered"

    def _never(self, code: int | None, last: str) -> str:
        where, program = self._remote, " ".join(self._remote.program)
        if code == NOT_FOUND:
            return (
                f"there is no {program!r} on {where}: install it there, or name it with "
                "--remote-command or CRABTUI_REMOTE"
            )
        if code == NOT_ALLOWED:
            return f"{program!r} on {where} may not be run: {last}"
        if code == SSH_FAILED:
            return f"cannot reach {where}: {_hint(last, where)}"
        return f"crabtui on {where} ended: {last or f'exit {code}, without a word'}"

    def _last_line(self) -> str:
        if self._said.closed:
            return ""
        end = self._said.seek(0, 2)
        self._said.seek(max(0, end - TAIL_BYTES))
        lines = self._said.read().decode("utf-8", "replace").splitlines()
        told = [line.strip() for line in lines if line.strip()]
        return told[-1].removeprefix("crabtui: ")[:LONGEST] if told else ""


def start(remote: Remote) -> tuple[socket.socket, SshPeer]:
    """Start ssh; the socket on which the daemon there will answer, and who that is.

    Raises:
        NoDaemon: there is no ssh on this machine.
    """
    if shutil.which("ssh") is None:
        raise NoDaemon("there is no ssh on this machine: --host needs OpenSSH's client")
    ours, theirs = socket.socketpair()
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `leave`
    try:
        with theirs:
            process = subprocess.Popen(
                ["/bin/sh", "-c", UNINTERRUPTED, "ssh", *remote.argv()],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=said,
            )
    except OSError as trouble:
        ours.close()
        said.close()
        raise DoorError(f"cannot run ssh: {trouble.strerror}") from None
    return ours, SshPeer(remote, process, said)


def _code(process: "subprocess.Popen[bytes]") -> int | None:
    try:
        return process.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        return None


def _hint(last: str, where: Remote) -> str:
    if "Host key verification failed" in last:
        return f"{last} `ssh {where.host}` says more, and can accept a key that is new"
    return last or "ssh did not say why"
