"""Throwaway machines for the demo: OpenSSH servers on loopback, each with a home of its own."""

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import NotAllowed

ANSWERS_S: Final = 20.0
"""How long an sshd may take to listen."""

PRIVILEGES: Final = Path("/run/sshd")
"""The folder that an sshd started by root wants to find."""

_CONFIG: Final = """\
Port {port}
ListenAddress 127.0.0.1
HostKey "{folder}/host_key"
AuthorizedKeysFile "{folder}/authorized_keys"
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowAgentForwarding no
AllowTcpForwarding no
X11Forwarding no
MaxSessions 20
"""

_LOGIN: Final = """\
#!/bin/sh
HOME={home} && export HOME && cd "$HOME" || exit
exec /bin/sh ${{SSH_ORIGINAL_COMMAND:+-c "$SSH_ORIGINAL_COMMAND"}}
"""

_GUARD: Final = '"$@" & trap "" INT TERM HUP; read -r _; kill "$!"; wait "$!"'
"""Ends its sshd when our end of its input is closed, even if that is because we were killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One of them, as the daemon is told of it."""

    name: str
    address: str
    identity: Path
    fingerprint: str


@contextmanager
def machines(folder: Path, count: int, *, keep: bool) -> Iterator[list[Machine]]:
    """So many machines below `folder`, which listen until the block ends; for ever if `keep`.

    None at all needs nothing.

    Raises:
        NotAllowed: OpenSSH's server is not installed; names the package.
        OSError: a server does not start; says what it said.
    """
    if not count:
        yield []
        return
    sshd, keygen = _programs()
    guards: list[subprocess.Popen[bytes]] = []
    try:
        folder.mkdir(mode=0o700)
        key = folder / "key"
        _make_key(keygen, key)
        made = [_machine(sshd, keygen, folder, key, n + 1, guards, keep) for n in range(count)]
        yield made
    finally:
        if not keep:
            _end(guards)


def _programs() -> tuple[str, str]:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = [shutil.which(name, path=path) for name in ("sshd", "ssh-keygen")]
    for name, at, package in zip(
        ("sshd", "ssh-keygen"), found, ("openssh-server", "openssh-client"), strict=True
    ):
        if at is None:
            raise NotAllowed(
                f"there is no {name} on this machine: `--ssh` needs OpenSSH's; install the "
                f"package {package} (on some systems: openssh)"
            )
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


def _machine(
    sshd: str,
    keygen: str,
    folder: Path,
    key: Path,
    number: int,
    guards: list[subprocess.Popen[bytes]],
    keep: bool,
) -> Machine:
    name = f"far-{number}"
    place = folder / name
    (place / "home").mkdir(parents=True)
    _make_key(keygen, place / "host_key")
    port = _free_port()
    (place / "sshd_config").write_text(_CONFIG.format(port=port, folder=place))
    login = place / "login"
    login.write_text(_LOGIN.format(home=shlex.quote(str(place / "home"))))
    login.chmod(0o755)
    public = key.with_name("key.pub").read_text().strip()
    command = shlex.quote(str(login)).replace('"', '\\"')
    (place / "authorized_keys").write_text(f'command="{command}",restrict,pty {public}\n')
    guards.append(_start(sshd, place, keep=keep))
    _wait_answering(port, guards[-1], place)
    return Machine(
        name=name,
        address=f"{getpass.getuser()}@127.0.0.1:{port}",
        identity=key,
        fingerprint=_fingerprint(keygen, place / "host_key.pub"),
    )


def _start(sshd: str, place: Path, *, keep: bool) -> "subprocess.Popen[bytes]":
    if os.getuid() == 0:
        PRIVILEGES.mkdir(mode=0o755, exist_ok=True)
    words = [sshd, "-D", "-e", "-f", str(place / "sshd_config")]
    guarded = words if keep else ["/bin/sh", "-c", _GUARD, "sh", *words]
    with (place / "log").open("ab") as log:
        return subprocess.Popen(
            guarded,
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _end(guards: list[subprocess.Popen[bytes]]) -> None:
    for guard in guards:
        if guard.stdin is not None:
            guard.stdin.close()
    for guard in guards:
        with suppress(subprocess.TimeoutExpired):
            guard.wait(ANSWERS_S)


def _make_key(keygen: str, path: Path) -> None:
    words = [keygen, "-q", "-t", "ed25519", "-N", "", "-C", "crabtui demo", "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _fingerprint(keygen: str, public: Path) -> str:
    words = [keygen, "-l", "-E", "sha256", "-f", str(public)]
    return subprocess.run(words, check=True, capture_output=True).stdout.decode().split()[1]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _wait_answering(port: int, guard: "subprocess.Popen[bytes]", place: Path) -> None:
    ends_s = time.monotonic() + ANSWERS_S
    while time.monotonic() < ends_s and guard.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as peer:
            if peer.recv(4) == b"SSH-":
                return
        time.sleep(0.02)
    said = (place / "log").read_text(errors="replace").strip().splitlines()
    raise OSError(f"an sshd of the demo does not start: {said[-1] if said else 'no word'}")
