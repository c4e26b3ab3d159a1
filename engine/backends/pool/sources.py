"""Whether modules have changed since they were imported."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from engine.tools.frames import Described

Sources: TypeAlias = Mapping[str, int]
"""When each source was changed last, nanoseconds; -1: it cannot be seen."""


def sources(told: Described) -> Sources:
    """Of the modules that a process has imported; or tried to, if they have a file."""
    return {module.file: _changed_at(module.file) for module in told.modules if module.file}


def changed(known: Sources) -> bool:
    """Whether one of them is another one now. One that is gone for the moment is not."""
    now = {file: _changed_at(file) for file in known}
    return any(at not in (-1, known[file]) for file, at in now.items())


def _changed_at(file: str) -> int:
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return -1
