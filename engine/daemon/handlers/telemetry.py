"""`telemetry`: what happens, as signals."""

from collections.abc import AsyncIterator

from engine.control.messages import FollowTelemetry
from engine.daemon.desk import Caller, Desk
from engine.model.ids import Seq
from engine.model.signals import BRIDGED, BridgeRules, Signal, matching_any
from engine.telemetry.follow import follow as follow_signals


async def follow(desk: Desk, _: Caller, ask: FollowTelemetry) -> AsyncIterator[Signal]:
    """The signals that were asked for, without a gap, for ever.

    Raises:
        InvalidSpec: no event has a name like one that was asked for.
    """
    names = matching_any(ask.events)
    bridge = ask.bridge
    if bridge is None and ask.events and not names.isdisjoint(BRIDGED):
        bridge = BridgeRules()
    workers = desk.working_set.workers
    signals = follow_signals(
        desk.timeline,
        desk.store,
        desk.timeline.head if ask.after < 0 else Seq(ask.after),
        backend_of=lambda name: workers[name].backend if name in workers else "",
        bridge=bridge,
    )
    async for signal in signals:
        if signal.name in names:
            yield signal
