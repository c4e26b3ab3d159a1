"""Partitions: workers that share this machine must not lend more than it has together."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.config.config import Config
from engine.config.values import DEFAULT
from engine.model.resources import Resources, amount_text

_FIELDS: Final = {"cpus": "cpu_milli", "memory": "memory_mb", "storage": "storage_mb"}
"""What the workers of one machine share, by its key."""


def overbooked(config: Config, machine: Resources) -> list[str]:
    """What is lent twice, in sentences with file, key and what is left; empty if nothing is.

    It may be meant so, for jobs that mostly wait; the limits of each worker hold anyway.

    Args:
        config: Every worker of it runs here.
        machine: What was measured.
    """
    return [text for key in _FIELDS if (text := _overbooked(config, machine, key))]


def _overbooked(config: Config, machine: Resources, key: str) -> str:
    field = _FIELDS[key]
    has: int = getattr(machine, field)
    lent = {
        name: has if (said := getattr(rules, field)) is None else said
        for name, rules in config.workers.items()
        if rules.is_here
    }
    if sum(lent.values()) <= has:
        return ""
    name = _culprit(config, key, list(lent))
    left = max(0, has - (sum(lent.values()) - lent[name]))
    return (
        f"{_where(config, name, key)}: {_together(lent, field)}, and this machine has "
        f"{amount_text(field, has)}: at most {amount_text(field, left)} are left for {name}"
    )


def _culprit(config: Config, key: str, names: Sequence[str]) -> str:
    """The last that says nothing of it, so that it lends all; else the last."""
    silent = [name for name in names if _source(config, name, key) == DEFAULT]
    return (silent or names)[-1]


def _where(config: Config, name: str, key: str) -> str:
    source = _source(config, name, key)
    if source != DEFAULT:
        return f"{source}: workers.{name}.{key}"
    return f"workers.{name}.{key} is not set, so it lends all"


def _source(config: Config, name: str, key: str) -> str:
    shown = config.shown.get(f"workers.{name}.{key}")
    return shown.source if shown else DEFAULT


def _together(lent: Mapping[str, int], field: str) -> str:
    each = ", ".join(f"{name} {amount_text(field, amount)}" for name, amount in lent.items())
    return f"lent are {amount_text(field, sum(lent.values()))} ({each})"
