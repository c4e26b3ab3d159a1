"""Words for exec that reach a terminal or a program on a worker's host, as the engine does."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from engine.control.views import JobView, WorkerView
from engine.errors import InvalidSpec
from engine.model.address import parse

_WITH_PATH: Final = (
    'PATH="$PATH:/usr/bin:/usr/local/bin:/opt/homebrew/bin"; export PATH; exec "$@"'
)
_ALWAYS: Final = ("-a", "-x", "-S", "none")
"""No agent and no display over there, and no connection that something else has made."""
_SETTINGS: Final = (
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "StrictHostKeyChecking=yes",
)
_QUIET: Final = (
    "BatchMode=yes",
    "ConnectTimeout=15",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
)
_KNOWN_BEFORE: Final = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"


def shell_argv(worker: WorkerView, known_hosts: Path, environ: Mapping[str, str]) -> list[str]:
    """The words that open a shell on the worker's host.

    Raises:
        InvalidSpec: the worker's address is none, or its key has a name that ssh misreads.
    """
    if not worker.address:
        return [environ.get("SHELL") or "/bin/sh"]
    return _ssh(worker, known_hosts, environ, terminal=True)


def host_argv(
    worker: WorkerView,
    known_hosts: Path,
    environ: Mapping[str, str],
    words: Sequence[str],
    *,
    terminal: bool,
) -> list[str]:
    """The words that run `words` on the worker's host; `terminal`: in one.

    What goes through the account's login shell over there is quoted word by word.

    Raises:
        InvalidSpec: as of `shell_argv`.
    """
    if not worker.address:
        return list(words)
    ssh = _ssh(worker, known_hosts, environ, terminal=terminal)
    return [*ssh, shlex.join(["/bin/sh", "-c", _WITH_PATH, "sh", *words])]


def session_argv(
    worker: WorkerView, name: str, known_hosts: Path, environ: Mapping[str, str]
) -> list[str]:
    """What to run in a terminal to be in exactly this session of tmux on the worker's host.

    Raises:
        InvalidSpec: as of `shell_argv`.
    """
    is_inside = bool(environ.get("TMUX")) and not worker.address
    words = ["tmux", "switch-client" if is_inside else "attach-session", "-t", f"={name}"]
    return host_argv(worker, known_hosts, environ, words, terminal=True)


def terminal_argv(
    worker: WorkerView, job: JobView | None, known_hosts: Path, environ: Mapping[str, str]
) -> list[str]:
    """What to run in a lent terminal: the job's session if it has one, else a shell there.

    Raises:
        InvalidSpec: as of `shell_argv`.
    """
    if job is None or not job.tmux:
        return shell_argv(worker, known_hosts, environ)
    return session_argv(worker, job.tmux, known_hosts, environ)


def _ssh(
    worker: WorkerView, known_hosts: Path, environ: Mapping[str, str], *, terminal: bool
) -> list[str]:
    """OpenSSH's own client, up to the host: with the key, the keys and the configuration
    that the worker's link has. A key that nobody accepted is refused, never asked about.
    """
    address = parse(worker.address)
    settings = [*_SETTINGS, *_known(worker, known_hosts), *_key(worker)]
    settings += ["SendEnv=LANG LC_*"] if terminal else _QUIET
    options = [word for setting in settings for word in ("-o", setting)]
    place = ["-p", str(address.port)] if address.port is not None else []
    place += ["-l", address.user] if address.user is not None else []
    how = ["-t" if terminal else "-T", "-F", _configuration(worker, environ), *_ALWAYS]
    return ["ssh", *how, *options, *place, "--", address.host]


def _configuration(worker: WorkerView, environ: Mapping[str, str]) -> str:
    home = environ.get("HOME")
    own = (Path(home) if home else Path.home()) / ".ssh" / "config"
    return str(own) if worker.ssh_config and own.is_file() else "/dev/null"


def _known(worker: WorkerView, known_hosts: Path) -> list[str]:
    """Ours beside those that a configuration names; ours alone where none holds."""
    ours = str(known_hosts).replace("\\", "\\\\").replace('"', '\\"')
    if worker.ssh_config:
        return [f'GlobalKnownHostsFile="{ours}" {_KNOWN_BEFORE}']
    return [f'GlobalKnownHostsFile="{ours}"', "UserKnownHostsFile=/dev/null"]


def _key(worker: WorkerView) -> list[str]:
    """The worker's key and no other, where one is named."""
    if not worker.identity:
        return []
    path = str(Path(worker.identity).expanduser())
    if not path.isprintable() or "${" in path:
        raise InvalidSpec(f"ssh would misread the name of the key {path!r}", field="identity")
    quoted = path.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return [f'IdentityFile="{quoted}"', "IdentitiesOnly=yes"]
