"""`crabtui events --density`: how much happened when, as numbers or as strips."""

from crabtui.cli.frame.setting import setting
from crabtui.cli.printing.moments import short_stamp
from crabtui.cli.printing.output import plain, say, say_json
from crabtui.cli.reaching.entry import enter
from crabtui.data.events.density import LEVEL_WORDS, strip
from engine.control.messages import CountEvents
from engine.control.views import EventCounts
from engine.errors import InvalidSpec
from engine.model.durations import parse_duration


def say_counts(where: str, width: str) -> int:
    """Print the counts of the last 60 buckets, the newest on the right.

    Raises:
        InvalidSpec: the width is no length of time, or the filter none.
    """
    us = parse_duration(width)
    if us is None or us < 1_000_000:
        raise InvalidSpec(f"{width!r} is no width of a bucket: 30s, 5m, 1h", field="density")
    with enter() as client:
        counts = client.call(CountEvents(bucket_s=us // 1_000_000, where=where))
    if setting().as_json:
        say_json(plain(counts))
    else:
        _say(counts)
    return 0


def _say(counts: EventCounts) -> None:
    for level in LEVEL_WORDS:
        numbers: tuple[int, ...] = getattr(counts, level)
        say(f"{level:<5} {strip(numbers, len(numbers))}  {sum(numbers):,}")
    end_at = counts.start_at + counts.bucket_s * len(counts.err) * 1_000_000
    end = short_stamp(end_at).partition(".")[0]
    say(f"      {short_stamp(counts.start_at).partition('.')[0]:<{len(counts.err) - 8}}{end}")
    if counts.counted_from_at is not None:
        say(f"      only what is newer than {short_stamp(counts.counted_from_at)} was counted")
