"""Telemetry: committed events as named signals, for handlers that can be attached.

telemetry = Telemetry()
telemetry.attach("slow", "job.completed", on_completed)
async with await connect(state) as client:
    async for signal in client.stream(FollowTelemetry()):
        telemetry.emit(signal)
"""

from engine.telemetry.bus import Middleware, Telemetry
from engine.telemetry.follow import follow

__all__ = ["Middleware", "Telemetry", "follow"]
