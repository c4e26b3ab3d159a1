"""`[hooks.NAME]`: what is run when any job that it is meant for starts or ends."""

from collections.abc import Mapping

from engine.config.values import Values
from engine.model.hooks import Hook
from engine.model.intake.draft import Draft
from engine.model.intake.hooks import read_hook
from engine.model.intake.wrong import Wrong


def hooks_of(values: Values) -> Mapping[str, Hook]:
    """All of them, by name. Raises: InvalidSpec: one could not be run."""
    return {name: _hook(values, name) for name in values.names("hooks")}


def _hook(values: Values, name: str) -> Hook:
    run, on = values["hooks", name, "run"], values["hooks", name, "on"]
    try:
        hook = read_hook({**run, "on": list(on), "name": name}, Draft("/", 0, 0))
    except Wrong as wrong:
        place = ".".join(wrong.path)
        why = f"{place}: {wrong.message}" if place else wrong.message
        raise values.wrong(("hooks", name, "run"), why, wrong.near) from None
    return Hook(
        on=hook.on,
        name=name,
        http=hook.http,
        job=hook.job,
        where=values["hooks", name, "where"],
    )
