"""The registry: which kinds of backends there are, and why one cannot be had."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec

from engine.backends.plugin import Plugin, Site
from engine.backends.protocol import Backend
from engine.config.backends import GROUP, OWN, announced
from engine.errors import EngineError, InvalidSpec, LinkRefused
from engine.model.words import nearest

log = logging.getLogger(__name__)

NO_BACKEND = "NO_BACKEND"
"""Begins what is said where no backend will do."""


def load(kind: str) -> Plugin:
    """The plugin that brings a kind of backend; its package is loaded now, and not before.

    Raises:
        LinkRefused: there is none, or it cannot be loaded; says what there is, or why.
    """
    found = announced()
    if kind not in found:
        there = ", ".join([*OWN, *sorted(found)])
        near = nearest(kind, [*OWN, *found])
        raise LinkRefused(
            f"{NO_BACKEND}: no installed package brings backend {kind!r}; there is {there}",
            field="backend",
            nearest=near,
        )
    entry = found[kind]
    try:
        plugin = entry.load()
    except (
        Exception,
        SystemExit,
    ) as error:  # a package's own code: whatever it does is its trouble alone
        raise _broken(kind, f"cannot be loaded: {_said(error)}") from error
    if not isinstance(plugin, Plugin):
        raise _broken(kind, f"{entry.value} is no engine.backends.plugin.Plugin")
    return plugin


def make(kind: str, site: Site, table: Mapping[str, Any]) -> Backend:
    """A backend of a package's kind.

    Args:
        kind: Its name.
        site: Where it is made.
        table: The worker's options, as they were written.

    Raises:
        LinkRefused: it cannot be had; says whose fault that is, and what to mend.
    """
    plugin = load(kind)
    try:
        options = msgspec.convert(dict(table), plugin.options)
    except msgspec.ValidationError as error:
        raise _unfit(site.worker, _mended(str(error), table, plugin)) from error
    try:
        return plugin.make(site, options)
    except InvalidSpec as wrong:
        raise _unfit(site.worker, wrong.message) from wrong
    except EngineError as error:
        raise LinkRefused(error.message, details=error.details) from error
    except (Exception, SystemExit) as error:  # a package's own code, again
        raise _broken(kind, f"could not be made: {_said(error)}") from error


def _unfit(worker: str, why: str) -> LinkRefused:
    return LinkRefused(f"workers.{worker}.options: {why}", field="options")


def _mended(said: str, table: Mapping[str, Any], plugin: Plugin) -> str:
    """What msgspec says is wrong, with what was probably meant."""
    known = [field.encode_name for field in msgspec.structs.fields(plugin.options)]
    strange = [key for key in table if key not in known]
    if not strange or "unknown field" not in said:
        return said
    near = nearest(strange[0], known)
    there = f"did you mean {near!r}?" if near else f"there is {', '.join(known) or 'none'}"
    return f"unknown option {strange[0]!r}: {there}"


def _broken(kind: str, why: str) -> LinkRefused:
    log.warning("backend %s %s", kind, why)
    return LinkRefused(f"backend {kind!r} (a package's, entry point {GROUP}) {why}")


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
