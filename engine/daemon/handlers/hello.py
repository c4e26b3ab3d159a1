"""`hello`: who is here, and what they may do."""

import os
from pathlib import Path

from engine.control.messages import PROTOCOL, SayHello
from engine.control.views import Hello
from engine.daemon.desk import Caller, Desk
from engine.errors import VersionMismatch
from engine.model.surroundings import passed_on


async def answer(desk: Desk, caller: Caller, ask: SayHello) -> Hello:
    """Introduce the daemon to a client, and remember who the client is.

    Raises:
        VersionMismatch: the client speaks another protocol.
    """
    if ask.protocol != PROTOCOL:
        raise VersionMismatch(
            f"this daemon (version {desk.version}) speaks protocol {PROTOCOL}, the client "
            f"(version {ask.version}) {ask.protocol}; `crabtui restart` swaps the daemon "
            "under running jobs"
        )
    caller.version = ask.version or "?"
    caller.client = ask.client[:40]
    caller.read_only = ask.read_only
    return Hello(
        daemon=desk.introduce(),
        protocol=PROTOCOL,
        user=caller.user,
        rights=("read",) if ask.read_only else ("read", "act"),
        now_at=desk.clock.now(),
        home=str(Path.home()),
        env=passed_on(os.environ),
    )
