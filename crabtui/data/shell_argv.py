"""The command that opens a shell on a worker, in words for exec and never for a shell."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.control.views import WorkerView
from engine.errors import InvalidSpec

_ADDRESS: Final = re.compile(
    r"(?P<host>[^\s:\[\]-][^\s:\[\]]*|[^\s\[\]]*\[[0-9a-fA-F:.%]+\])(?::(?P<port>\d+))?"
)


def shell_argv(worker: WorkerView, known_hosts: Path, environ: Mapping[str, str]) -> list[str]:
    """The words that open a shell on the worker's host.

    A worker elsewhere is reached by OpenSSH's own client with its configuration and agent;
    keys that were accepted for the worker, in `known_hosts`, are known to it too.

    Raises:
        InvalidSpec: the worker's address is none.
    """
    if not worker.address:
        return [environ.get("SHELL") or "/bin/sh"]
    found = _ADDRESS.fullmatch(worker.address)
    if found is None:
        raise InvalidSpec(f"worker {worker.name} has no address to go to: {worker.address!r}")
    files = f'"{known_hosts}" ~/.ssh/known_hosts ~/.ssh/known_hosts2'
    key = ["-i", str(Path(worker.identity).expanduser())] if worker.identity else []
    port = ["-p", found["port"]] if found["port"] else []
    host = found["host"].replace("[", "").replace("]", "")
    options = ["-t", "-a", "-x", "-o", f"UserKnownHostsFile={files}"]
    return ["ssh", *options, *key, *port, "--", host]
