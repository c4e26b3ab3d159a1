"""`crabtui views`: filters that were given a name, listed, saved and forgotten."""

import click

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import as_filter
from crabtui.cli.printing.output import plain, say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.saved_views import SavedView, drop_view, keep_view, load_views, usual_path
from engine.errors import InvalidSpec

HEADINGS = ("NAME", "VIEW", "COLUMNS")


@click.command(cls=Verb)
@click.argument("words", nargs=-1, metavar="[list | save NAME FILTER... | delete NAME]")
@click.option("--sort", metavar="FIELD", default="", help="Of the view that is saved.")
@click.option("--reverse", "-r", is_flag=True, help="The other way round.")
def views(words: tuple[str, ...], sort: str, reverse: bool) -> int:
    """List saved views; save one, or delete one.

    `crabtui --view NAME` opens one in the console, `crabtui ls --view NAME` prints it.
    """
    path = usual_path()
    match words:
        case () | ("list",):
            return _list()
        case ("save", name, *filter_words) if filter_words:
            where = as_filter(filter_words, None)
            was = keep_view(path, name, SavedView(where=where, sort=sort, descending=reverse))
            return _say(f"view {name} {'replaced' if was else 'saved'}: {where}", name)
        case ("delete", name):
            dropped = drop_view(path, name)
            return _say(f"view {name} deleted; it was {dropped.text}", name)
    raise InvalidSpec(
        "`crabtui views`, `crabtui views save NAME FILTER`, or `crabtui views delete NAME`",
        field="views",
    )


def _list() -> int:
    found = load_views(usual_path())
    if setting().as_json:
        say_json({"views": [{"name": name, **plain(view)} for name, view in found.items()]})
    elif not found:
        complain("no view is saved; `crabtui views save NAME FILTER`, or :view save NAME")
    else:
        rows = [(name, view.text, view.columns) for name, view in found.items()]
        say_lines(table(HEADINGS, rows))
    return 0


def _say(text: str, name: str) -> int:
    if setting().as_json:
        say_json({"view": name, "done": text})
    else:
        say(text)
    return 0
