"""Where a definition comes from: a file, a template, or the newest run of that name."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from crabtui.cli.submitting.surroundings import as_text
from crabtui.data.files.flowfile import load_flow, read_map
from crabtui.data.files.jobfile import read_tree
from crabtui.data.files.yaml_roles import FREE
from crabtui.templates import read_template
from engine.control.blocking import BlockingClient
from engine.control.messages import ReadDefinition
from engine.errors import InvalidSpec
from engine.model.words import unknown

_FILES = frozenset({".yaml", ".yml", ".toml", ".json"})


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the words that name a definition, and its params."""
    for decorate in (
        click.option(
            "--params-file", metavar="FILE", help="Values for many, as YAML, TOML or JSON."
        ),
        click.option(
            "--param", "-p", multiple=True, metavar="NAME=VALUE", help="A value for a param."
        ),
        click.option("--template", metavar="NAME", help="One that comes along: see templates."),
        click.argument("source", metavar="[FILE|NAME]", required=False),
    ):
        command = decorate(command)
    return command


def definition_of(
    client: BlockingClient, source: str | None, template: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The definition that was named, and the params that it had in its newest run.

    Raises:
        InvalidSpec: nothing or too much was named, or the file is no workflow.
        NotFound: there is no run of this name.
    """
    if (source is None) == (template is None):
        raise InvalidSpec(
            "give a FILE, the NAME of a workflow that ran, or --template", field="source"
        )
    if template is not None:
        return read_template(template), {}
    assert source is not None
    if is_file(source):
        return from_file(source), {}
    found = client.call(ReadDefinition(name=source))
    return found.definition, found.params


def is_file(source: str) -> bool:
    """Whether a word means a file, and no name."""
    path = Path(source)
    return source == "-" or "/" in source or path.suffix.lower() in _FILES or path.is_file()


def from_file(path: str) -> dict[str, Any]:
    """The definition in a file. Raises: InvalidSpec."""
    try:
        return load_flow(path, sys.stdin.buffer)
    except OSError as trouble:
        raise InvalidSpec(f"{path}: {trouble.strerror}", field="file") from None


def params_of(words: tuple[str, ...], path: str | None) -> dict[str, Any]:
    """The values of `-p NAME=VALUE` over those of a file. Raises: InvalidSpec."""
    given = {} if path is None else _params_in(path)
    for word in words:
        name, equals, value = as_text(word, "--param").partition("=")
        if not equals or not name:
            raise InvalidSpec(f"-p {word!r}: it looks like NAME=VALUE", field="param")
        given[name] = value
    return given


def _params_in(path: str) -> dict[str, Any]:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as trouble:
        raise InvalidSpec(f"{path}: {trouble.strerror}", field="params_file") from None
    found = read_tree("stdin" if path == "-" else path, data, FREE)
    if not isinstance(found, dict):
        raise InvalidSpec(f"{path}: params are a map of names to values", field="params_file")
    return found


def part_of_file(path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tasks and edges in a file by which a run is to grow. Raises: InvalidSpec."""
    name = "stdin" if path == "-" else path
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as trouble:
        raise InvalidSpec(f"{path}: {trouble.strerror}", field="file") from None
    found = read_map(name, data)
    for key in found:
        if key not in ("tasks", "edges"):
            raise unknown("key", key, ("tasks", "edges"), field=key)
    tasks, edges = found.get("tasks") or {}, found.get("edges") or {}
    if not isinstance(tasks, dict) or not isinstance(edges, dict):
        raise InvalidSpec(f"{name}: tasks and edges are maps by the names of tasks")
    return tasks, edges
