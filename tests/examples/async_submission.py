"""Many questions at once on one connection: submit in parallel, be told of each end.

python tests/examples/async_submission.py STATE
"""

import asyncio
import sys
from pathlib import Path

from engine import connect, messages, submission


async def main(state: Path) -> None:
    """Run it against the daemon of a state directory."""
    async with await connect(state) as client:

        async def one(number: int) -> str:
            job = {"command": ["sh", "-c", f"exit {number % 2}"], "key": f"part-{number}"}
            [(id_, _)] = (await client.call(submission(job))).ids
            await client.call(messages.Wait(ids=(id_,)))
            return (await client.call(messages.ShowJob(id=id_))).job.state

        async with asyncio.TaskGroup() as tasks:
            found = [tasks.create_task(one(number)) for number in range(8)]
    states = sorted(task.result() for task in found)
    print(f"{states.count('succeeded')} succeeded, {states.count('failed')} failed")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
