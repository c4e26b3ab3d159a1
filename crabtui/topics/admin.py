"""The engine itself: its health, its tenants, its settings, and what operators did."""

from typing import Final

from crabtui.topics.topic import Calls, Topic
from engine.control.messages import GetStats, ListActs, ListCrons, ListTenants, ShowConfig
from engine.control.views import ActsPage, ConfigView, CronsView, Stats, TenantsView

NEWEST: Final = 300
"""Acts that the command log goes back."""


async def _engine(feed: Calls, _: bool) -> Stats:
    return await feed.call(GetStats())


async def _tenants(feed: Calls, _: bool) -> TenantsView:
    return await feed.call(ListTenants())


async def _settings(feed: Calls, _: bool) -> ConfigView:
    return await feed.call(ShowConfig())


async def _crons(feed: Calls, _: bool) -> CronsView:
    return await feed.call(ListCrons())


async def _acts(feed: Calls, _: bool) -> ActsPage:
    return await feed.call(ListActs(limit=NEWEST))


ENGINE: Final = Topic[bool, Stats](name="engine", fetch=_engine, gap_s=1.0)
TENANTS: Final = Topic[bool, TenantsView](name="tenants", fetch=_tenants, gap_s=1.0)
SETTINGS: Final = Topic[bool, ConfigView](name="settings", fetch=_settings, gap_s=5.0)
CRONS: Final = Topic[bool, CronsView](name="crons", fetch=_crons, gap_s=1.0)
ACTS: Final = Topic[bool, ActsPage](name="acts", fetch=_acts, gap_s=0.5)
