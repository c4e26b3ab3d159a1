"""`crabtui tenants`: what tenants and namespaces have, against quotas and shares."""

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from engine.control.messages import ListTenants
from engine.control.views import TenantView

HEADINGS = ("TENANT", "NAMESPACE", "WEIGHT", "SHARE", "RUNNING", "QUEUED", "CPU", "GPU")


@click.command(cls=Verb)
def tenants() -> int:
    """List tenants and their namespaces: what they have of what they may have."""
    with enter() as client:
        view = client.call(ListTenants())
    if setting().as_json:
        say_json(view)
        return 0
    if not view.tenants:
        say("no tenant has live jobs: `crabtui submit --tenant NAME` says whose a job is")
        return 0
    rows = [_row(tenant) for tenant in view.tenants]
    say_lines(table(HEADINGS, rows, right=frozenset(HEADINGS[2:])))
    return 0


def _row(view: TenantView) -> tuple[str, ...]:
    quota = view.quota
    return (
        view.tenant if view.namespace is None else "",
        view.namespace or "",
        str(view.weight) if view.namespace is None else "",
        f"{view.share:.0%}",
        _of(str(view.running), _number(quota.get("running"))),
        _of(str(view.queued), _number(quota.get("queued"))),
        _of(_cores(view.taken.get("cpu_milli", 0)), _cores(quota.get("cpu_milli"))),
        _of(str(view.taken.get("gpu", 0)), _number(quota.get("gpu"))),
    )


def _of(has: str | None, most: str | None) -> str:
    """`3/10`, or `3` where there is no quota."""
    return f"{has}/{most}" if most is not None else f"{has}"


def _number(most: int | None) -> str | None:
    return None if most is None else str(most)


def _cores(milli: int | None) -> str | None:
    return None if milli is None else f"{milli / 1000:g}"
