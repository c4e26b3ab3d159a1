"""`[tools]`: the modules whose tools can be called, and the worker that calls them."""

from typing import Final

from engine.config.backends import POOL
from engine.config.tool_keys import ROWS
from engine.config.values import Values
from engine.config.workers import WorkerRules

TOOLS: Final = "tools"
"""Name of the table, and of the worker that it makes."""


def tool_worker(values: Values) -> WorkerRules | None:
    """The worker that `[tools]` makes; None if it names no modules."""
    told = {name: values[(TOOLS, name)] for name, *_ in ROWS}
    if not told["modules"]:
        return None
    if told["python"] == "no":
        raise values.wrong((TOOLS, "python"), "tools are Python", near="auto")
    options = {name: list(one) if isinstance(one, tuple) else one for name, one in told.items()}
    options["python"] = "" if told["python"] == "auto" else told["python"]
    given = {name: one for name, one in options.items() if one}
    return WorkerRules(backend=POOL, options=given)
