"""A real OpenSSH server of one's own: throwaway keys, any login shell, any home."""

import os
import pwd
import shlex
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from tests.kit.waiting import PATIENCE_S, wait_until

SSHD = shutil.which("sshd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
BARE_PATH = "/usr/bin:/bin"
USER = pwd.getpwuid(os.getuid()).pw_name

_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {host_key}
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
LogLevel VERBOSE
MaxStartups 200:30:400
Subsystem sftp internal-sftp
"""

_LOGIN = """\
#!/bin/sh
cd {home} || exit
{banner}
set -- {shell}
exec env -i HOME={home} SHELL="$1" PATH={path} USER={user} LOGNAME={user} {env} \\
    ${{TERM:+"TERM=$TERM"}} SSH_CONNECTION="$SSH_CONNECTION" \\
    "$@" ${{SSH_ORIGINAL_COMMAND:+-c "$SSH_ORIGINAL_COMMAND"}}
"""


def make_key(path: Path, *, passphrase: str = "", kind: str = "ed25519") -> str:
    """A new private key at `path`; its public line, which is also in `path`.pub."""
    words = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def fingerprint(public: str) -> str:
    """The SHA256 of a public key line, as ssh-keygen says it."""
    words = ["ssh-keygen", "-l", "-E", "sha256", "-f", "-"]
    done = subprocess.run(words, input=public.encode(), check=True, capture_output=True)
    return done.stdout.decode().split()[1]


class Sshd:
    """An sshd on 127.0.0.1 that lets `client_key` in, as the user who runs the tests.

    That key gets `shell` in `home`, after `banner` was printed, with nothing in its
    environment but what a bare host has, and `env`. Further keys come in by lines given to
    `allow`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_sessions: int = 10,
        shell: Sequence[str] = ("/bin/sh",),
        banner: str = "",
        home: Path | None = None,
        path: str = BARE_PATH,
        settings: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.home = home or folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.client_key = folder / "client_key"
        self.host_key = folder / "host_key"
        self.log = folder / "sshd.log"
        self.port = _free_port()
        self._settings: tuple[str, ...] = (f"MaxSessions {max_sessions}", *settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._write_keys()
        self._write_login(shell, banner, path, env or {})
        self.start()

    @property
    def address(self) -> str:
        """`user@host:port`, as people write it."""
        return f"{USER}@127.0.0.1:{self.port}"

    @property
    def known_hosts(self) -> str:
        """The line that says which key is this server's."""
        kind, key, *_ = self.public_host_key.split()
        return f"[127.0.0.1]:{self.port} {kind} {key}\n"

    @property
    def public_host_key(self) -> str:
        return self.host_key.with_name("host_key.pub").read_text().strip()

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public_host_key)

    def new_host_key(self, kind: str = "ed25519") -> None:
        """Another key for the same address, from the next start on."""
        self.host_key.unlink()
        self.host_key.with_name("host_key.pub").unlink()
        make_key(self.host_key, kind=kind)

    def sign_host_key(self, authority: Path, name: str) -> None:
        """Show a certificate for `name` by the key `authority`, from the next start on."""
        words = ["ssh-keygen", "-q", "-s", str(authority), "-I", "host", "-h", "-n", name]
        public = f"{self.host_key}.pub"
        subprocess.run([*words, public], check=True, capture_output=True)
        self._settings += (f"HostCertificate {self.host_key}-cert.pub",)

    def allow(self, line: str) -> None:
        """Let one more key in: a line of `authorized_keys`."""
        with (self.folder / "authorized_keys").open("a") as file:
            file.write(f"{line}\n")

    def start(self) -> None:
        """Listen; returns when it answers."""
        config = self.folder / "sshd_config"
        fixed = _CONFIG.format(port=self.port, folder=self.folder, host_key=self.host_key)
        config.write_text(fixed + "".join(f"{line}\n" for line in self._settings))
        if SSHD is None:
            raise RuntimeError("there is no sshd on this machine")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stderr=log
            )
        wait_until(self._answers, what=f"sshd on port {self.port}")

    def stop(self) -> None:
        """Listen no more; sessions that are open go on, as on a real host."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None

    def restart(self) -> None:
        """End it and every session of it, and begin anew on the same port."""
        self.close()
        self.start()

    def sessions(self) -> list[psutil.Process]:
        """The processes of sshd that serve connections; not what runs in them."""
        listening = self._process.pid if self._process is not None else None
        found = {
            connection.pid
            for connection in psutil.net_connections("tcp4")
            if connection.laddr and connection.laddr.port == self.port and connection.pid
        }
        sessions: list[psutil.Process] = []
        for pid in found - {listening}:
            with suppress(psutil.NoSuchProcess):
                sessions.append(psutil.Process(pid))
        return sessions

    def kill_children(self) -> None:
        """`kill -9` of everything that serves a connection; what runs in them is left."""

        def none_left() -> bool:
            left = self.sessions()
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            return not left

        wait_until(none_left, what=f"no session of the sshd on port {self.port}")

    def close(self) -> None:
        self.stop()
        self.kill_children()

    def _write_keys(self) -> None:
        make_key(self.host_key)
        login = self.folder / "login"
        self.allow(f'command="{login}" {make_key(self.client_key)}')

    def _write_login(
        self, shell: Sequence[str], banner: str, path: str, env: Mapping[str, str]
    ) -> None:
        script = _LOGIN.format(
            home=shlex.quote(str(self.home)),
            banner=f"printf %s {shlex.quote(banner)}",
            shell=shlex.join(shell),
            path=shlex.quote(path),
            user=USER,
            env=shlex.join(f"{name}={value}" for name, value in env.items()),
        )
        (self.folder / "login").write_text(script)
        (self.folder / "login").chmod(0o755)

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"sshd would not start: {self.log.read_text()}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 30) as peer:
            return peer.recv(4) == b"SSH-"
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def login_shells() -> list[list[str]]:
    """The words of every login shell that is on this machine, of those that are known."""
    known = (["dash"], ["bash"], ["busybox", "sh"], ["ksh93"], ["mksh"], ["zsh"], ["csh"])
    found = ((shutil.which(name), rest) for name, *rest in known)
    return [[path, *rest] for path, rest in found if path is not None]


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
