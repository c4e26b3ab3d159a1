"""Submit two jobs, wait for both, and look at what became of them.

python tests/examples/basic.py STATE
"""

import sys
from pathlib import Path

from engine import connect_blocking, messages, submission


def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    with connect_blocking(state) as client:
        jobs = ({"command": "echo hello; sleep 0.1"}, {"command": ["false"], "name": "wrong"})
        first, last = client.call(submission(*jobs)).ids[0]
        client.call(messages.Wait(ids=(first, last)))
        for id_ in (first, last):
            job = client.call(messages.ShowJob(id=id_)).job
            print(f"#{job.id} {job.state} {job.note}".rstrip())
        log = client.call(messages.ReadLog(id=first, stream="out", offset=0, limit=1000))
        print(log.data.decode(), end="")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
