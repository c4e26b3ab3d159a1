"""The whole configuration, read, checked and ready to be handed out."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.config.contexts import contexts_of
from engine.config.hooks import hooks_of
from engine.config.reading import Layer
from engine.config.rules import rules_of
from engine.config.settings import Settings
from engine.config.sources import files, read_environment, read_file, read_flags
from engine.config.tools import TOOLS, tool_worker
from engine.config.values import Effective, Values
from engine.config.workers import WorkerRules, workers_of
from engine.errors import InvalidSpec
from engine.model.hooks import Hook
from engine.model.rules import DEFAULT_RULES, Rules

NEVER: Final = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What is in effect, and where each part of it came from."""

    settings: Settings
    rules: Rules = DEFAULT_RULES
    workers: Mapping[str, WorkerRules] = field(default_factory=lambda: workers_of(Values([])))
    """This machine first."""
    retry: str = NEVER
    """The preset of jobs that say nothing of retries."""
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    """Of all jobs that they are meant for, by name."""
    shown: Mapping[str, Effective] = field(
        default_factory=lambda: {one.key: one for one in Values([]).shown()}
    )
    """Every setting by its dotted key."""
    files: tuple[str, ...] = ()
    """Those that were read, and those that would be if they existed."""


def load(
    state: Path, *, environ: Mapping[str, str] = os.environ, flags: Sequence[str] = ()
) -> Config:
    """The configuration of a state directory: defaults, files, environment, flags.

    Raises:
        InvalidSpec: something in one of them is wrong; says where, and what was meant.
    """
    looked_at = files(state, environ)
    layers = [read_file(path) for path in looked_at]
    names = [
        str(path) if layer else f"{path} (does not exist)"
        for path, layer in zip(looked_at, layers, strict=True)
    ]
    there = [layer for layer in layers if layer is not None]
    return _config(state, [*there, read_environment(environ), read_flags(flags)], names)


def check(state: Path, file: Path) -> Config:
    """What a file alone would come to. Raises: InvalidSpec, also if there is no such file."""
    layer = read_file(file)
    if layer is None:
        raise InvalidSpec(f"{file}: there is no such file", field="file")
    return _config(state, [layer], [str(file)])


def _config(state: Path, layers: Sequence[Layer], names: Sequence[str]) -> Config:
    values = Values(layers)
    contexts_of(values)  # clients would be turned away by what is wrong in them
    return Config(
        settings=_settings(values, state),
        rules=rules_of(values),
        workers=_workers(values),
        retry=values["retry", "default"],
        hooks=hooks_of(values),
        shown={one.key: one for one in values.shown()},
        files=tuple(names),
    )


def _workers(values: Values) -> Mapping[str, WorkerRules]:
    """Those that are named, and the one that calls tools, if there are some."""
    workers, pool = workers_of(values), tool_worker(values)
    if pool is None:
        return workers
    if TOOLS in workers:
        why = "is the worker that `[tools]` makes: name this one otherwise"
        raise values.wrong(("workers", TOOLS, "backend"), why)
    return workers | {TOOLS: pool}


def _settings(values: Values, state: Path) -> Settings:
    ttl, renew = values["daemon", "lease_ttl"], values["daemon", "lease_renew"]
    if renew >= ttl:
        raise values.wrong(
            ("daemon", "lease_renew"), f"must be shorter than lease_ttl ({ttl / 1000:g} s)"
        )
    return Settings(
        state_dir=state,
        lease_ttl_s=ttl / 1000,
        lease_renew_s=renew / 1000,
        lease_sweep_s=values["daemon", "lease_sweep"] / 1000,
        company_s=values["daemon", "company"] / 1000,
        slots_per_cpu=values["daemon", "slots_per_cpu"],
        fewest_slots=values["daemon", "fewest_slots"],
        blobs_max_bytes=values["artifacts", "max_bytes"],
        artifacts_keep_days=values["artifacts", "keep_days"],
        outputs_max_bytes=values["artifacts", "outputs_max_bytes"],
        caches_max_bytes=values["artifacts", "caches_max_bytes"],
    )
