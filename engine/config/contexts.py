"""Contexts: places with daemons that a client can name, and the looks of its console."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config.schema import Accent
from engine.config.sources import files, read_environment, read_file
from engine.config.values import Values
from engine.errors import InvalidSpec
from engine.model.words import unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A place with a daemon."""

    name: str
    state: str | None = None
    """Its state directory; None: `host` says where."""
    host: str | None = None
    is_protected: bool = False
    """A console begins read-only there."""
    accent: Accent = "accent"
    """The meaning whose colour its name has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """What the configuration tells clients."""

    contexts: Mapping[str, Context]
    console: Mapping[str, Any]
    """Settings of the console by name."""
    sources: Mapping[str, str]
    """Where each of them came from, `default` if from nowhere."""

    def context(self, name: str) -> Context:
        """The context of this name. Raises: InvalidSpec, with the nearest."""
        if name not in self.contexts:
            if not self.contexts:
                raise InvalidSpec(
                    f"there is no context {name!r}: the configuration has no "
                    f"[contexts.{name}] with a `state` or a `host`",
                    field="context",
                )
            raise unknown("context", name, self.contexts, field="context")
        return self.contexts[name]


def read_client_config(environ: Mapping[str, str] = os.environ) -> ClientConfig:
    """What the user's file and the environment tell clients; no daemon is asked.

    Raises:
        InvalidSpec: something in it is wrong; says where, and what was meant.
    """
    own, _ = files(Path(), environ)
    layers = [layer for layer in (read_file(own), read_environment(environ)) if layer]
    values = Values(layers)
    names = [key.rpartition(".")[2] for key in _console(values)]
    return ClientConfig(
        contexts=contexts_of(values),
        console={name: values["console", name] for name in names},
        sources={name: values.source(("console", name)) for name in names},
    )


def _console(values: Values) -> list[str]:
    return [one.key for one in values.shown() if one.key.startswith("console.")]


_KEYS = ("host", "state", "protected", "accent")


def contexts_of(values: Values) -> dict[str, Context]:
    """All contexts by name.

    Raises:
        InvalidSpec: one has no place, or two.
    """
    return {name: _context(values, name) for name in values.names("contexts")}


def _context(values: Values, name: str) -> Context:
    state, host = values["contexts", name, "state"], values["contexts", name, "host"]
    if (state is None) == (host is None):
        told = "neither a `state` nor a `host`" if state is None else "`state` and `host` both"
        given = [key for key in _KEYS if values.is_given(("contexts", name, key))]
        at = ("contexts", name, given[0] if given else "host")
        raise values.wrong(at, f"has {told}: say one of them", "state")
    return Context(
        name=name,
        state=state,
        host=host,
        is_protected=values["contexts", name, "protected"],
        accent=values["contexts", name, "accent"],
    )
