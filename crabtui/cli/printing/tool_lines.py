"""Tools as lines for people."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.control.views import ToolView

HEADINGS: Final = ("TOOL", "KIND", "MODULE", "ABOUT")


def row(tool: ToolView) -> tuple[str, ...]:
    """A line of the list."""
    return (tool.name, tool.kind, tool.module, tool.about.partition("\n")[0])


def facts(tool: ToolView) -> list[tuple[str, str]]:
    """Everything about one."""
    told = [
        ("tool", tool.name),
        ("module", tool.module),
        ("kind", tool.kind),
        ("about", " ".join(tool.about.split())),
        *_arguments(tool.schema),
        ("returns", _type(tool.result) if tool.result else ""),
        ("timeout", f"{tool.timeout_ms / 1000:g}s" if tool.timeout_ms else ""),
        ("reused for", f"{tool.cache_ttl_ms / 1000:g}s" if tool.cache_ttl_ms else ""),
    ]
    return [(name, text) for name, text in told if text]


def _arguments(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        parts = [_type(one)]
        if name not in required:
            parts.append(f"[default: {json.dumps(one.get('default'))}]")
        if about := one.get("description"):
            parts.append(about)
        yield f"  {name}", "  ".join(parts)


def _type(schema: Mapping[str, Any]) -> str:
    """A type in a few words: `integer`, `array of string`, `"up" or "down"`."""
    if "enum" in schema:
        return " or ".join(json.dumps(one) for one in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kind = str(schema.get("type", "anything"))
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return f"array of {_type(schema['items'])}"
    return kind
