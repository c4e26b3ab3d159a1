"""Loading a stage by its name. In pool workers and clients, and never in the daemon."""

import importlib

from engine.stages.stage import Stage


def load_stage(name: str) -> Stage:
    """The stage of `package.module:Name`; without a name the module's `Stage`, or the module.

    Raises:
        ValueError: there is none; says what is missing.
    """
    module_name, _, attribute = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ValueError(f"stage {name}: {error}") from error
    found = getattr(module, attribute or "Stage", None if attribute else module)
    if found is None:
        raise ValueError(f"stage {name}: module {module_name} has no {attribute}")
    stage: Stage = found() if isinstance(found, type) else found
    for method in ("run", "describe"):
        if not callable(getattr(stage, method, None)):
            raise ValueError(f"stage {name} has no `{method}`: it needs run and describe")
    return stage
