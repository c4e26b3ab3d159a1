"""Words for exec that reach a terminal or a program on a worker's host."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from crabtui.data.shell_argv import shell_argv
from engine.control.views import JobView, WorkerView

_WITH_PATH: Final = (
    'PATH="$PATH:/usr/bin:/usr/local/bin:/opt/homebrew/bin"; export PATH; exec "$@"'
)


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
        InvalidSpec: the worker's address is none.
    """
    if not worker.address:
        return list(words)
    ssh = shell_argv(worker, known_hosts, environ)
    if not terminal:
        ssh[ssh.index("-t")] = "-T"
        ssh[1:1] = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]
    return [*ssh, shlex.join(["/bin/sh", "-c", _WITH_PATH, "sh", *words])]


def terminal_argv(
    worker: WorkerView, job: JobView | None, known_hosts: Path, environ: Mapping[str, str]
) -> list[str]:
    """What to run in a lent terminal: the job's session if it has one, else a shell there.

    Raises:
        InvalidSpec: the worker's address is none.
    """
    if job is None or not job.tmux:
        return shell_argv(worker, known_hosts, environ)
    words = ["tmux", "attach-session", "-t", f"={job.tmux}"]
    if not worker.address and environ.get("TMUX"):
        words[1] = "switch-client"
    return host_argv(worker, known_hosts, environ, words, terminal=True)
