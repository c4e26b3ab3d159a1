"""Time zones by their names: the one place that reads the system's tables of them."""

import os
from datetime import tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.errors import InvalidSpec
from engine.model.words import nearest

LOCALTIME = Path("/etc/localtime")


@cache
def zone_of(name: str) -> tzinfo:
    """The zone of this name, such as `Europe/Berlin`.

    Raises:
        InvalidSpec: there is none; names the nearest.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    known = {each.lower(): each for each in available_timezones()}
    near = known.get(nearest(name, known) or "")
    hint = f"did you mean {near!r}?" if near else "write a name such as Europe/Berlin"
    raise InvalidSpec(f"unknown time zone {name[:100]!r}: {hint}", field="zone", nearest=near)


def local_zone(localtime: Path = LOCALTIME) -> str:
    """The name of this machine's zone; `UTC` if nobody has said."""
    told = os.environ.get("TZ", "").removeprefix(":")
    target = str(localtime.resolve()) if localtime.is_symlink() else ""
    for name in (told, target.partition("zoneinfo/")[2]):
        if name and _is_known(name):
            return name
    return "UTC"


def _is_known(name: str) -> bool:
    try:
        zone_of(name)
    except InvalidSpec:
        return False
    return True
