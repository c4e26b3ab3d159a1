"""What a submission may ask for, whatever its jobs are."""

from engine.daemon.intake.receipts import SMALL
from engine.errors import InvalidSpec

MOST = 10_000_000
"""Jobs of one bulk submission."""

ON_KEY = ("return", "reject", "replace")


def must_be_possible(count: int, on_key: str) -> None:
    """Let some jobs pass, and what a live job with the same key means for them.

    Raises:
        InvalidSpec: no jobs, no such `on_key`, or one that is for few jobs only.
    """
    if on_key not in ON_KEY:
        raise InvalidSpec(f"on_key {on_key!r}: {', '.join(ON_KEY)}", field="on_key")
    if not count:
        raise InvalidSpec("no jobs", field="jobs")
    if count > SMALL and on_key != "return":
        raise InvalidSpec(
            f"on_key {on_key!r} takes at most {SMALL} jobs, not {count}", field="on_key"
        )


def must_be_countable(count: int) -> None:
    """Let the size of a bulk submission pass. Raises: InvalidSpec."""
    if not 1 <= count <= MOST:
        raise InvalidSpec(f"{count} jobs: 1 to {MOST} in one submission", field="count")
