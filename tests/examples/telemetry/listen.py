"""Telemetry of one's own: a daemon's signals, for handlers in this program.

    python tests/examples/telemetry/listen.py STATE [EVENT]...

Prints each job's end and how long it took; signals of the tenant `secret` are left out.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.control.client import connect
from engine.control.messages import FollowTelemetry
from engine.model.signals import BridgeRules, Signal
from engine.telemetry import Telemetry


def on_end(
    name: str, measurements: Mapping[str, int | float], metadata: Mapping[str, object]
) -> None:
    """A handler: called with name, measurements and metadata."""
    print(f"#{metadata['job_id']} {name} after {measurements['duration_ms']} ms", flush=True)


def on_stage(name: str, _: Mapping[str, int | float], metadata: Mapping[str, object]) -> None:
    """The same event in the words of experiments."""
    print(f"{name} {metadata.get('experiment_id', '?')}", flush=True)


def without_secrets(signal: Signal) -> Signal | None:
    """Middleware: None where nobody shall hear of it."""
    return None if signal.metadata.get("tenant_id") == "secret" else signal


async def listen(state: Path, ends: int, after: int = -1) -> None:
    """Hear signals until so many jobs have ended."""
    telemetry, done = Telemetry(), asyncio.Event()
    left = ends

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    telemetry.use(without_secrets)
    telemetry.attach_many("ends", ("job.completed", "job.failed"), on_end)
    telemetry.attach("stages", "stage.*", on_stage)
    telemetry.attach_many("count", ("job.completed", "job.failed"), count)
    async with await connect(state) as client:
        ask = FollowTelemetry(after=after, bridge=BridgeRules(sources=("lab",)))
        async for signal in client.stream(ask):
            telemetry.emit(signal)
            if done.is_set():
                break


if __name__ == "__main__":
    asyncio.run(listen(Path(sys.argv[1]), ends=int(sys.argv[2]), after=0))
