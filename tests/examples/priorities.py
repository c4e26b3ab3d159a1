"""Of two jobs that wait for the same place, the more urgent one goes first.

python tests/examples/priorities.py STATE
"""

import sys
from pathlib import Path

from engine import connect_blocking, messages, submission


def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    with connect_blocking(state) as client:
        client.call(messages.SetQueue(name="one-by-one", limit=1, pause=True))
        jobs = (
            {"command": ["true"], "name": "nightly", "priority": "low"},
            {"command": ["true"], "name": "release", "priority": "critical"},
        )
        queue = {"queue": "one-by-one"}
        first, last = client.call(submission(*jobs, defaults=queue)).ids[0]
        why = client.call(messages.Explain(id=last))
        print(next(gate.text for gate in why.gates if not gate.ok))
        client.call(messages.SetQueue(name="one-by-one", pause=False))
        client.call(messages.Wait(ids=(first, last)))
        shown = [client.call(messages.ShowJob(id=id_)).job for id_ in (first, last)]
        print(" then ".join(job.name for job in sorted(shown, key=lambda job: job.started_at)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
