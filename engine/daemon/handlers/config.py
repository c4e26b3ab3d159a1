"""`config` and `reload`: what is in effect and why, and reading it again."""

import logging
from collections.abc import Iterator

from engine.config import Effective
from engine.config.reading import dotted
from engine.control.messages import Reload, ShowConfig
from engine.control.views import ConfigView, Reloaded, SettingView
from engine.daemon.acts.account import Account
from engine.daemon.desk import Caller, Desk
from engine.errors import EngineError
from engine.model.events import EventType
from engine.model.worker import Queue
from engine.store.protocol import Draft
from engine.wake import Wake

BY_HAND = "set by hand"
"""By somebody whose name was not kept."""

log = logging.getLogger(__name__)


async def answer(desk: Desk, _: Caller, __: ShowConfig) -> ConfigView:
    """Every setting in effect; what was set by hand goes before the file."""
    by_hand = {one.key: one for one in _set_by_hand(desk)}
    shown = {one.key: _view(one) for one in desk.configured.shown()}
    return ConfigView(
        settings=tuple({**shown, **by_hand}.values()), files=tuple(desk.configured.now.files)
    )


async def reload(desk: Desk, caller: Caller, _: Reload) -> Reloaded:
    """Read the configuration again.

    Raises:
        InvalidSpec: something in it is wrong; nothing has changed.
        StoreError: it could not be recorded; nothing has changed.
    """
    caller.must_act()
    return await read_again(desk, caller.user, account=caller.account)


async def read_again(
    desk: Desk, actor: str, why: str = "", *, account: Account | None = None
) -> Reloaded:
    """Read, check, record and swap, in this order; `actor` wants it. Raises as `reload`."""
    account = account or Account()
    async with desk.configured.reloading:
        fresh = await desk.configured.read()
        found = desk.configured.difference(fresh)
        if found.at_once:
            data: dict[str, object] = {
                "changed": found.at_once,
                "needs_restart": found.after_restart,
            }
            told = Draft(type=EventType.DAEMON_CONFIGURED, actor=actor, cause=why, data=data)
            last = account.closing(changed=1)
            account.done(await desk.ledger.note(told, *last))
        await desk.configured.put_into_effect(fresh)
        log.info("configuration read again: %s", "; ".join(found.at_once) or "no change")
        return Reloaded(changed=found.at_once, needs_restart=found.after_restart)


async def reload_on(wake: Wake, desk: Desk) -> None:
    """Read the configuration again at each knock, for ever; what is wrong goes to the log."""
    while True:
        await wake.wait()
        try:
            await read_again(desk, "engine", "HUP")
        except EngineError as error:
            log.error("configuration not read again, nothing has changed: %s", error.message)


def _view(one: Effective) -> SettingView:
    return SettingView(
        key=one.key,
        value=one.value,
        source=one.source,
        about=one.about,
        needs_restart=one.needs_restart,
    )


def _set_by_hand(desk: Desk) -> Iterator[SettingView]:
    for name, queue in sorted(desk.working_set.queues.items()):
        for field in queue.own:
            hand = queue.hand(field)
            yield SettingView(
                key=dotted(("queues", name, field)),
                value=_written(queue, field),
                source=f"set by {hand.by}" if hand else BY_HAND,
                about="Until `crabtui queues reset`.",
                set_at=hand.at if hand else None,
            )


def _written(queue: Queue, field: str) -> str:
    value = queue.limit if field == "limit" else queue.weight
    return '"none"' if value is None else str(value)
