"""A job that fails at first is tried again by its own rules, and only for what it names.

python tests/examples/retries.py STATE
"""

import sys
from pathlib import Path

from engine import connect_blocking, messages, submission


def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    flaky = {
        "name": "flaky",
        "command": "case $CRAB_ATTEMPT in *-1-*) exit 75 ;; esac",  # JOB-NUMBER-EPOCH
        "retry": {"max_attempts": 3, "base_ms": 50, "exit_codes": [75]},
    }
    broken = {**flaky, "name": "broken", "command": "exit 2"}
    with connect_blocking(state) as client:
        first, last = client.call(submission(flaky, broken)).ids[0]
        client.call(messages.Wait(ids=(first, last)))
        for id_ in (first, last):
            shown = client.call(messages.ShowJob(id=id_))
            tries = len(shown.attempts)
            print(f"{shown.job.name} {shown.job.state} after {tries}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
