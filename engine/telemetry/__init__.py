"""Telemetry: committed events as named signals, for handlers that can be attached.

    telemetry = Telemetry()
    telemetry.attach("slow", "job.completed", on_completed)
    async with await connect(state) as client:
        async for signal in client.stream(FollowTelemetry()):
            telemetry.emit(signal)

`engine.telemetry.follow` gives the signals of an engine in this process.
"""

from engine.telemetry.bus import Handler, Middleware, Telemetry

__all__ = ["Handler", "Middleware", "Telemetry"]
