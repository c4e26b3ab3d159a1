"""Frozen trees that attempts ran in, and left behind: put away by a process of its own."""

import os

from engine.runner.spool import Spool
from engine.runner.workspaces import detach


def clear(spool: Spool, attempt: str) -> None:
    """After an attempt is gone whose supervisor did not see to it."""
    tree = f"{spool.root}/trees/{attempt}"
    if os.path.isdir(tree):  # noqa: PTH112
        detach(f"{spool.scripts}/place.sh", "clear", tree)
