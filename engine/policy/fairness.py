"""Which tenant of a priority class is next: all of them, evenly, in turn."""

from collections.abc import Collection

EVEN = 1


def tenant_shares(tenants: Collection[str]) -> dict[str, int]:
    """Each tenant's share of its class's grants."""
    return dict.fromkeys(tenants, EVEN)
