"""What the band across the screen says while the picture is not that of now."""

from crabtui.data.wording import Zone, clock_zone, count


def frozen(seq: int, at: int, newest: int, zone: Zone) -> str:
    """`FROZEN at #88214 14:02:11Z  +312 events since`."""
    since = newest - seq
    events = f"  +{count(since)} event{'' if since == 1 else 's'} since" if since > 0 else ""
    return f"FROZEN at #{seq} {clock_zone(at, zone)}{events}"


def past(head: str, *, with_log: bool = False) -> str:
    """`◄ AT 13:46:58Z (-15m)  every view as it was then; nothing can be changed`.

    What a job had written by then is not known: `with_log` there is a log, and it is as now.
    """
    shown = "all but logs as it was then" if with_log else "every view as it was then"
    return f"{head}  {shown}; nothing can be changed"
