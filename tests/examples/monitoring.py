"""Follow the event log from a place in it, without a gap, and keep one's own numbers.

python tests/examples/monitoring.py STATE
"""

import sys
from collections import Counter
from pathlib import Path

from engine import connect_blocking, messages, submission


def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    with connect_blocking(state) as client:
        before = client.call(messages.ListEvents(limit=1)).head
        jobs = tuple({"command": ["sh", "-c", f"exit {n // 4}"]} for n in range(5))
        client.call(submission(*jobs))
        ends: Counter[str] = Counter()
        for event in client.stream(messages.FollowEvents(after=before)):
            if event.type in ("job.completed", "job.failed"):
                ends[event.type] += 1
            if ends.total() == len(jobs):
                break
        print(", ".join(f"{number} {name}" for name, number in sorted(ends.items())))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
