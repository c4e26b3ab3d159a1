"""Train, judge, and promote only what passes: the gate decides whether the rest runs.

python tests/examples/promotion_gate.py STATE
"""

import sys
from pathlib import Path
from typing import Any

from engine import Flow, connect_blocking, messages


def workflow(score: float) -> dict[str, Any]:
    """A model is trained and judged; a promotion needs 0.9, anything else is reported."""
    judge = 'test "$(printf "%s\\n" 0.9 "$1" | sort -n | head -n 1)" = 0.9'
    return {
        "name": "promotion",
        "params": {"score": score},
        "tasks": {
            "train": {"command": 'echo "{\\"score\\": $SCORE}" > "$CRAB_RESULT"',
                      "env": {"SCORE": "${{ params.score }}"}},
            "judge": {"depends_on": ["train"],
                      "command": ["sh", "-c", judge, "sh", "${{ results.train.score }}"]},
            "promote": {"depends_on": ["judge"], "command": ["echo", "promoted"]},
            "report": {"depends_on": [{"task": "judge", "after": "failure"}],
                       "command": ["echo", "kept as it was"]},
        },
    }  # fmt: skip


def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    with connect_blocking(state) as client:
        for score in (0.95, 0.5):
            ask = Flow.read(workflow(score)).submission()
            run, _ = client.call(ask).ids[0]
            client.call(messages.Wait(ids=(run,)))
            tasks = client.call(messages.ShowWorkflow(id=run)).tasks
            print(score, ", ".join(f"{one.task} {one.state}" for one in tasks))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
