"""Queues, tenants and goals."""

from engine.control import views
from engine.control.messages.request import Request, Whole


class ListGoals(Request[views.GoalsView], frozen=True, tag="goals"):
    """Goal locks: who has them, who waits; and inversions of priority."""


class ListTenants(Request[views.TenantsView], frozen=True, tag="tenants"):
    """Tenants and namespaces: what they have against their quotas and shares."""


class ListQueues(Request[views.QueuesView], frozen=True, tag="queues"):
    """All queues with what is in them."""

    as_of: Whole | None = None
    """The event as of which; None: now."""


class SetQueue(Request[views.Acted], frozen=True, tag="set_queue"):
    """Change a queue, making it if it does not exist; None leaves a thing as it is."""

    name: str
    pause: bool | None = None
    why: str = ""
    limit: Whole | None = None
    no_limit: bool = False
    weight: Whole | None = None
    reset: bool = False
    """Limit and weight as the configuration says again."""
    unset: tuple[str, ...] = ()
    """Of `limit` and `weight` those alone that are as the configuration says again."""
