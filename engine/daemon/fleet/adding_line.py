"""The command line that adds a worker, told again from the table that it was made of."""

import shlex
from collections.abc import Mapping
from typing import Any

FLAGS = ("slots", "cpus", "memory", "gpus", "gpu_type", "spool", "clone_base", "identity")


def adding_line(name: str, table: Mapping[str, Any]) -> str:
    """`crabtui workers add NAME ADDRESS …`, ready for a shell.

    Args:
        name: Of the worker.
        table: As it would stand in the configuration; what has no flag is left out.
    """
    words = ["crabtui", "workers", "add", name, str(table.get("address", ""))]
    for label in table.get("labels", ()):
        words += ["--label", str(label)]
    for key in FLAGS:
        if table.get(key) is not None:
            words += [f"--{key.replace('_', '-')}", str(table[key])]
    words += ["--no-ssh-config"] if table.get("ssh_config") is False else []
    words += ["--production"] if table.get("production") else []
    return shlex.join(words)
