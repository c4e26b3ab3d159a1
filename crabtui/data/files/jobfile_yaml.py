"""YAML job files: events to plain data, typed by the job's schema, with nothing that bombs.

In fields of the schema a scalar is text unless the field is a number or a switch, so that
`no`, `22:22`, `1.10` and `010` arrive as written; below `metadata` YAML 1.2 core counts.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from crabtui.data.files.yaml_roles import FILE, Role
from engine.errors import DuplicateTask, InvalidSpec

MAX_NODES: Final = 100_000
MAX_DEPTH: Final = 32
_INT: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OTHER_INT: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NO_NUMBER: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL: Final = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def read_yaml(name: str, text: str, role: Role = FILE) -> Any:
    """The one document in `text`, which is jobs unless `role` says otherwise.

    Raises:
        InvalidSpec: no YAML, or with anchors, aliases, tags, a key twice, NaN, too many
            values or too deep; the message has file and line.
    """
    import yaml  # the daemon's other clients do without it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(name, yaml.parse(text, Loader=loader)).document(role)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = min(mark.line, text.count("\n")) + 1 if mark else 1
        what = getattr(problem, "problem", None) or "a character that YAML does not allow"
        raise _bad(name, line, f"no YAML: {what}") from None


def _bad(name: str, line: int, message: str, key: str | None = None) -> InvalidSpec:
    details = {"file": name, "line": line}
    return InvalidSpec(f"{name}:{line}: {message}", field=key, details=details)


class _Builder:
    """Builds values from parser events, counting them; `kind` is an event's class name."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name = name
        self.events = events
        self.nodes = 0

    def bad(self, event: Any, message: str, key: str | None = None) -> InvalidSpec:
        return _bad(self.name, event.start_mark.line + 1, message, key)

    def document(self, role: Role) -> Any:
        found, seen = None, False
        for event in self.events:
            kind = type(event).__name__
            if kind.startswith(("Stream", "Document")):
                continue
            if seen:
                raise self.bad(event, "a second document; a job file has one")
            found, seen = self.value(event, role, 0), True
        return found

    def value(self, event: Any, role: Role, depth: int) -> Any:
        self.check(event, depth)
        match type(event).__name__:
            case "MappingStartEvent":
                return self.mapping(role, depth)
            case "SequenceStartEvent":
                return self.sequence(role, depth)
        return self.scalar(event, role)

    def check(self, event: Any, depth: int) -> None:
        self.nodes += 1
        if type(event).__name__ == "AliasEvent":
            raise self.bad(event, f"aliases (*{event.anchor}) are not allowed; use `defaults`")
        if event.anchor is not None:
            raise self.bad(event, f"anchors (&{event.anchor}) are not allowed; use `defaults`")
        if event.tag is not None and event.tag != "!":
            raise self.bad(event, f"tags ({event.tag}) are not allowed")
        if depth > MAX_DEPTH:
            raise self.bad(event, f"nested more than {MAX_DEPTH} deep")
        if self.nodes > MAX_NODES:
            raise self.bad(event, f"more than {MAX_NODES} values; use NDJSON")

    def mapping(self, role: Role, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self.until("MappingEndEvent"):
            key = self.key(event, depth)
            if key in found:
                raise self.twice(event, key, role)
            found[key] = self.value(next(self.events), role.of_key(key), depth + 1)
        return found

    def twice(self, event: Any, key: str, role: Role) -> InvalidSpec:
        if not role.names_tasks:
            return self.bad(event, f"the key {key!r} is given twice", key)
        line = event.start_mark.line + 1
        what = f"{self.name}:{line}: there is a task {key!r} already"
        details = {"file": self.name, "line": line}
        return DuplicateTask(what, field=f"tasks.{key}", details=details)

    def key(self, event: Any, depth: int) -> str:
        self.check(event, depth)
        if type(event).__name__ != "ScalarEvent":
            raise self.bad(event, "a key must be text")
        if event.value == "<<" and event.implicit[0]:
            raise self.bad(event, "merge keys (<<) are not allowed; use `defaults`")
        return str(event.value)

    def sequence(self, role: Role, depth: int) -> list[Any]:
        inner = role.of_item()
        return [self.value(event, inner, depth + 1) for event in self.until("SequenceEndEvent")]

    def until(self, end: str) -> Iterator[Any]:
        """The events of a collection, up to the one that ends it."""
        for event in self.events:
            if type(event).__name__ == end:
                return
            yield event

    def scalar(self, event: Any, role: Role) -> Any:
        text, plain = str(event.value), bool(event.implicit[0])
        if not plain:
            return text
        if role.is_free:
            return self.core(event, text)
        if role.may_be_null and text in _NULL:
            return None
        return _typed(text, role.kind)

    def core(self, event: Any, text: str) -> Any:
        """`text` by the core schema of YAML 1.2."""
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _NO_NUMBER.fullmatch(text):
            raise self.bad(event, f"{text} is no number here; put quotes around it")
        number = _number(text)
        return text if number is None else number


def _typed(text: str, kind: type | None) -> Any:
    """`text` as the schema's type; what does not fit stays text and is refused later."""
    if kind is bool:
        return _BOOL.get(text, text)
    number = _number(text) if kind in (int, float) else None
    return text if number is None else number


def _number(text: str) -> int | float | None:
    if len(text) > 400:
        return None
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_INT.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else None
