"""Which programs this machine has for the demo."""

import shutil
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Programs that a machine may lack, with their paths; None for those that it lacks."""

    cc: str | None
    gzip: str | None
    xz: str | None


def tools() -> Tools:
    """What this machine has."""
    return Tools(
        cc=shutil.which("cc") or shutil.which("gcc"),
        gzip=shutil.which("gzip"),
        xz=shutil.which("xz"),
    )
