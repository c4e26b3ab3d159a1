"""`crabtui doctor`: what is wrong with the place, the programs and the daemon."""

import click

from crabtui.cli.checks import FAIL, Found, all_checks
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say_json, say_lines, say_styled
from crabtui.cli.printing.tables import table
from crabtui.cli.unit import linger_warning, lingers, unit


@click.command(cls=Verb)
@click.option("--systemd", is_flag=True, help="Print a unit for systemd instead.")
def doctor(systemd: bool) -> int:
    """Look for what is wrong with the place, the programs and the daemon. Starts nothing.

    Exits 1 if something does not work.
    """
    state = setting().state
    if systemd:
        return _print_unit()
    found = all_checks(state)
    if setting().as_json:
        say_json({"state": str(state), "checks": [_as_json(each) for each in found]})
    else:
        rows = [(each.level, each.name, each.text) for each in found]
        say_lines(table(("", "WHAT", "FOUND"), rows))
    return 1 if any(each.level == FAIL for each in found) else 0


def _as_json(each: Found) -> dict[str, str | bool]:
    return {
        "name": each.name,
        "ok": each.level != FAIL,
        "level": each.level,
        "text": each.text,
    }


def _print_unit() -> int:
    from crabtui.cli.frame.failure import complain

    say_styled(unit(setting().state).rstrip("\n"))
    if not lingers():
        complain(linger_warning())
    return 0
