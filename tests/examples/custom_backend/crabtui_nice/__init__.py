"""A backend of one's own: this machine, with every job run by `nice`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from msgspec import Meta, Struct

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.backends.plugin import Plugin, Site
from engine.backends.protocol import Order, Report


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in `[workers.NAME.options]`."""

    level: Annotated[int, Meta(ge=1, le=19)] = 10


class NiceBackend(DetachedBackend):
    """Everything is as on this machine; only what is started is started by `nice`."""

    def __init__(self, site: Site, options: Options) -> None:
        super().__init__(LocalShell(site.folder), site.clock, elsewhere=True)
        self._prefix = ("nice", "-n", str(options.level))

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        return await super().start([self._nicer(order) for order in orders])

    def _nicer(self, order: Order) -> Order:
        argv = order.argv if order.shell is None else ("/bin/sh", "-c", order.shell)
        return replace(order, argv=(*self._prefix, *argv), shell=None)


PLUGIN = Plugin(make=NiceBackend, options=Options)
