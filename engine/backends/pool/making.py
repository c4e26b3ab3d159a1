"""Making a pool from what its worker's options say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from engine.backends.pool.backend import PoolBackend
from engine.backends.pool.options import PoolOptions
from engine.backends.pool.toolbox import Toolbox
from engine.clock import Clock
from engine.errors import LinkRefused
from engine.model.surroundings import speaks

ALWAYS: Final = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "VIRTUAL_ENV")
"""What processes of a pool see of the daemon's environment, besides language and zone."""


def make_pool(
    worker: str,
    table: Mapping[str, Any],
    folder: Path,
    clock: Clock,
    toolbox: Toolbox,
    environ: Mapping[str, str],
) -> PoolBackend:
    """A pool; nothing is spawned yet.

    Args:
        worker: Its name.
        table: Its options, as they were written.
        folder: Its own.
        clock: Ours.
        toolbox: Told what its tools are.
        environ: The daemon's; calls see a part of it.

    Raises:
        LinkRefused: the options are wrong.
    """
    try:
        options = msgspec.convert(dict(table), PoolOptions)
    except msgspec.ValidationError as error:
        raise LinkRefused(f"workers.{worker}.options: {error}", field="options") from error
    path = tuple(str(Path(one).expanduser()) for one in options.path)
    seen = {
        name: text
        for name, text in environ.items()
        if name in ALWAYS or name in options.env or speaks(name)
    }
    return PoolBackend(worker, replace(options, path=path), folder, clock, toolbox, seen)
