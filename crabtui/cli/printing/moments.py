"""Instants in the zone of whoever reads them."""

import time

from crabtui.data.wording import Zone, clock_ms, full_time


def stamp(at: int | None) -> str:
    """Date, time and zone; empty for what has not happened."""
    return "" if at is None else full_time(at, _zone(at))


def short_stamp(at: int) -> str:
    """Time of day to the millisecond, in the local zone."""
    return clock_ms(at, _zone(at))


def _zone(at: int) -> Zone:
    local = time.localtime(at // 1_000_000)
    name = "Z" if local.tm_zone in {"UTC", "GMT"} else local.tm_zone
    return Zone(name, local.tm_gmtoff)


def utc_offset_s() -> int:
    """How far east of UTC the zone is in which people type times here."""
    return time.localtime().tm_gmtoff
