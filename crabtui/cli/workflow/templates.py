"""`crabtui workflow templates`: the workflows that come along."""

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.templates import read_template, template_names, template_text


@click.group(cls=VerbGroup, invoke_without_command=True)
@click.pass_context
def templates(context: click.Context) -> int:
    """List the workflows that come along; `run --template NAME` runs one."""
    return 0 if context.invoked_subcommand else _list()


@templates.command("show")
@click.argument("name")
def show(name: str) -> int:
    """Print a template, to be run as it is or as the start of your own."""
    if setting().as_json:
        say_json(read_template(name))
    else:
        for line in template_text(name).splitlines():
            say(line)
    return 0


def _list() -> int:
    found = {name: read_template(name) for name in template_names()}
    if setting().as_json:
        say_json({"templates": [{"name": name, **one} for name, one in found.items()]})
    else:
        rows = [
            (name, str(one.get("description", "")), " ".join(one.get("params", {})))
            for name, one in found.items()
        ]
        say_lines(table(("NAME", "ABOUT", "PARAMS"), rows))
    return 0
