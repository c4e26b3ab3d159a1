"""What a worker's host answered to a look or an attempt to connect, and who is meant by it."""

import re

from engine.config import WorkerRules
from engine.daemon.desk import Desk
from engine.daemon.fleet.member import Member
from engine.errors import EngineError, Unreachable
from engine.loops.link import Outcome
from engine.model.address import DEFAULT_PORT, parse
from engine.model.link import LinkState

WAIT_S = 40.0
"""For what comes of a look or an attempt to connect: a little longer than that may take."""

_SAME_TRUST = " (a worker that is added takes the same `--trust`)"


async def outcome(desk: Desk, looking: Outcome) -> EngineError | None:
    """What came of a look or an attempt to connect; None if the host answered."""
    try:
        return await desk.clock.within(WAIT_S, looking)
    except TimeoutError:
        return Unreachable(f"nothing came of it within {WAIT_S:g} s; it is tried on")


async def answered(desk: Desk, member: Member, looking: Outcome) -> None:
    """Return when the host has answered.

    Raises:
        EngineError: it did not; says who, and why.
    """
    if error := await outcome(desk, looking):
        raise named(member.name, member.rules.address, error)


def named(name: str, address: str, error: EngineError, again: str = "") -> EngineError:
    """The error with worker and address told, each once.

    Args:
        name: Of the worker.
        address: Its address; empty: this machine.
        error: As it was told.
        again: The command that accepts a key, instead of `workers reconnect`.
    """
    text = error.message
    host = parse(address).host if address else ""
    is_told = not host or re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", text)
    if again:
        text = text.replace(f"crabtui workers reconnect {name}", again).replace(_SAME_TRUST, "")
    if not text.startswith(f"{name}: "):
        text = f"{name}: {text}" if is_told else f"{name} ({address}): {text}"
    return type(error)(text, field=error.field, details=error.details)


def try_neighbours(desk: Desk, name: str) -> None:
    """Others at the same address were refused for the key that is trusted now, perhaps."""
    here = abode(desk.fleet.members[name].rules)[:2]
    for member in desk.fleet.members.values():
        is_refused = member.linking.link.state is LinkState.REFUSED
        if is_refused and member.name != name and abode(member.rules)[:2] == here:
            member.linking.connect_anew()


def abode(rules: WorkerRules) -> tuple[str, int, str | None, str | None]:
    """Where a worker lives: host, port, account, spool; its backend, if it has no address."""
    if not rules.address:
        return rules.backend, 0, None, rules.spool
    at = parse(rules.address)
    return at.host.lower(), at.port or DEFAULT_PORT, at.user, rules.spool
