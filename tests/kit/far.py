"""Another machine that is this one: an `ssh` on the PATH that does what a test says."""

import os
import shlex
import stat
import sys
from pathlib import Path

import pytest

from tests.kit.sshd import Sshd

HERE = f"{shlex.quote(sys.executable)} -m crabtui"
"""This program, as `--remote-command` takes it."""

RUNS_IT = """\
printf '%s\\n' "$@" >> {folder}/words
for last; do :; done
exec /bin/sh -c "$last"
"""


def put_ssh(folder: Path, script: str = RUNS_IT, *, set_env: pytest.MonkeyPatch) -> None:
    """Put an `ssh` of this script first on the PATH; it notes its words in `words`."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "ssh"
    program.write_text("#!/bin/sh\n" + script.replace("{folder}", shlex.quote(str(folder))))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    set_env.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def put_real_ssh(folder: Path, server: Sshd, *, set_env: pytest.MonkeyPatch) -> None:
    """Put OpenSSH's client first on the PATH, with a configuration that knows `server`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "known_hosts").write_text(server.known_hosts)
    (folder / "config").write_text(
        f'Host *\n IdentityFile "{server.client_key}"\n IdentitiesOnly yes\n'
        f' UserKnownHostsFile "{folder / "known_hosts"}"\n StrictHostKeyChecking yes\n'
    )
    put_ssh(folder, 'exec /usr/bin/ssh -F {folder}/config "$@"\n', set_env=set_env)


def words_of(folder: Path) -> list[str]:
    """What the `ssh` of `put_ssh` was told so far."""
    return (folder / "words").read_text().splitlines()
