"""Job files: NDJSON, JSON, YAML and TOML to the raw jobs that the daemon validates."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, BinaryIO, Final

from crabtui.data.files.jobfile_yaml import read_yaml
from crabtui.data.files.yaml_roles import FILE, Role
from engine.errors import InvalidSpec
from engine.model.intake.lines import decode_json
from engine.model.intake.wrong import Wrong, wrong_type
from engine.model.words import nearest

MAX_TREE_BYTES: Final = 2**20
MAX_NODES: Final = 100_000
MAX_DEPTH: Final = 32
_FORMATS: Final = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
}
_TOML_START: Final = re.compile(r"(\[\[?\s*[\w.\"-]+\s*\]\]?|[\w.\"-]+\s*=)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFile:
    """What a job file says: `jobs` under `defaults`, or `ndjson` to be streamed as it is."""

    defaults: dict[str, Any] = field(default_factory=dict)
    jobs: list[Any] = field(default_factory=list)
    ndjson: str | None = None
    """One job a line, not looked at yet; then `jobs` is empty."""


def load(path: str, stdin: BinaryIO) -> JobFile:
    """The jobs in the file `path`; `-` is standard input.

    Raises:
        InvalidSpec: it is no job file; the message has file, line and key.
        OSError: it cannot be read.
    """
    if path == "-":
        return read_job_file("stdin", stdin.read())
    with open(path, "rb") as file:  # noqa: PTH123 - one way to open, and no path algebra
        return read_job_file(path, file.read())


def read_job_file(name: str, data: bytes) -> JobFile:
    """The jobs in `data`; its format is told by the extension of `name`, else by its look.

    Raises:
        InvalidSpec: as `load`.
    """
    text = _decoded(name, data)
    form = _FORMATS.get(PurePath(name).suffix.lower()) or _sniffed(text)
    if not text.strip():
        raise InvalidSpec(f"{name}: there is nothing in it")
    if form == "ndjson" or (form == "json" and _is_ndjson(text)):
        return JobFile(ndjson=text if text.endswith("\n") else text + "\n")
    return _jobs_in(name, _tree(name, text, form))


def read_tree(name: str, data: bytes, role: Role) -> Any:
    """The one value in `data`, which is JSON, YAML or TOML.

    Args:
        name: Of the file; its extension tells the format.
        data: What is in it.
        role: Of the value, for formats in which every scalar is written alike.

    Raises:
        InvalidSpec: it is none, or one that job files cannot have either.
    """
    text = _decoded(name, data)
    if not text.strip():
        raise InvalidSpec(f"{name}: there is nothing in it")
    return _tree(
        name, text, _FORMATS.get(PurePath(name).suffix.lower()) or _sniffed(text), role
    )


def _tree(name: str, text: str, form: str, role: Role = FILE) -> Any:
    if form in ("json", "ndjson"):
        return _json(name, text)
    size = len(text.encode())
    if size > MAX_TREE_BYTES:
        raise InvalidSpec(
            f"{name}: {size} bytes; a {form.upper()} file may have {MAX_TREE_BYTES} "
            "(JSON has no such limit)"
        )
    return read_yaml(name, text, role) if form == "yaml" else _toml(name, text)


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise _at(name, line, "this is not UTF-8 text") from None


def _at(name: str, line: int, message: str, key: str | None = None) -> InvalidSpec:
    details = {"file": name, "line": line}
    return InvalidSpec(f"{name}:{line}: {message}", field=key, details=details)


def _sniffed(text: str) -> str:
    start = text.lstrip()
    if _TOML_START.match(start) and not re.match(r"\[\s*(\"|\d|\w+\s*[,\]]\s*$)", start):
        return "toml"
    return "json" if start[:1] in ("{", "[") else "yaml"


def _is_ndjson(text: str) -> bool:
    """True if the first line is a whole object and something follows it."""
    first, _, rest = text.lstrip().partition("\n")
    if not (first.startswith("{") and first.rstrip().endswith("}") and rest.strip()):
        return False
    try:
        decode_json(first)
    except (ValueError, Wrong):
        return False
    return True


def _json(name: str, text: str) -> Any:
    try:
        return decode_json(text)
    except json.JSONDecodeError as problem:
        raise _at(name, problem.lineno, f"no JSON: {problem.msg}") from None
    except Wrong as wrong:
        raise _json_trouble(name, text, wrong) from None
    except ValueError as problem:
        raise InvalidSpec(f"{name}: no JSON: {problem}") from None


def _json_trouble(name: str, text: str, wrong: Wrong) -> InvalidSpec:
    """The decoder does not tell where; a key that occurs twice in all tells it itself."""
    if wrong.offset is not None:
        return _at(name, text.count("\n", 0, wrong.offset) + 1, wrong.message)
    key = wrong.path[-1] if wrong.path else ""
    places = [found.start() for found in re.finditer(re.escape(json.dumps(key)), text)]
    what = f"{key!r} {wrong.message}" if key else wrong.message
    if len(places) != 2:
        return InvalidSpec(f"{name}: {what}", field=key or None, details={"file": name})
    return _at(name, text.count("\n", 0, places[1]) + 1, what, key)


def _toml(name: str, text: str) -> Any:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        place = re.search(r"\(at line (\d+), column \d+\)", str(problem))
        line = int(place[1]) if place else text.count("\n") + 1
        raise _at(name, line, f"no TOML: {str(problem).split(' (at ')[0]}") from None
    except RecursionError:
        raise InvalidSpec(f"{name}: nested too deep") from None
    return _Plain(name).value(found, "", 0)


class _Plain:
    """TOML's values as JSON ones: times become text, NaN is refused, size is counted."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes = 0

    def value(self, found: Any, key: str, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise self.bad("too large or nested too deep", key)
        if isinstance(found, dict):
            return {
                k: self.value(v, f"{key}.{k}".strip("."), depth + 1) for k, v in found.items()
            }
        if isinstance(found, list):
            return [self.value(v, f"{key}[{i}]", depth + 1) for i, v in enumerate(found)]
        if isinstance(found, float) and not abs(found) < float("inf"):
            raise self.bad(f"{found} is no number here", key)
        return found if isinstance(found, str | int | float) else found.isoformat()

    def bad(self, message: str, key: str) -> InvalidSpec:
        return InvalidSpec(
            f"{self.name}: {key}: {message}", field=key, details={"file": self.name}
        )


def _jobs_in(name: str, found: Any) -> JobFile:
    if isinstance(found, list):
        return JobFile(jobs=_some(name, found))
    if not isinstance(found, Mapping):
        raise InvalidSpec(f"{name}: must be a list of jobs, or {{defaults, jobs}}")
    if "jobs" in found or "defaults" in found:
        return _with_defaults(name, found)
    if "tasks" in found:
        raise InvalidSpec(
            f"{name}: this is a workflow: `crabtui workflow run {name}`", field="tasks"
        )
    return JobFile(jobs=[dict(found)])


def _with_defaults(name: str, found: Mapping[str, Any]) -> JobFile:
    for key in found:
        if key not in ("jobs", "defaults"):
            near = nearest(key, ["jobs", "defaults"])
            hint = f"did you mean {near!r}?" if near else "a job file has `defaults` and `jobs`"
            raise InvalidSpec(f"{name}: unknown key {key!r}: {hint}", field=key, nearest=near)
    defaults, jobs = found.get("defaults"), found.get("jobs")
    defaults = {} if defaults is None else defaults
    if not isinstance(defaults, dict):
        raise InvalidSpec(f"{name}: `defaults` must be a map", field="defaults")
    if not isinstance(jobs, list):
        raise InvalidSpec(f"{name}: `jobs` must be a list", field="jobs")
    return JobFile(defaults=defaults, jobs=_some(name, jobs))


def _some(name: str, jobs: list[Any]) -> list[Any]:
    if not jobs:
        raise InvalidSpec(f"{name}: there are no jobs in it", field="jobs")
    for place, job in enumerate(jobs):
        if not isinstance(job, Mapping):
            wrong = wrong_type(job, "a map").message
            raise InvalidSpec(f"{name}: jobs[{place}]: {wrong}", field=f"jobs[{place}]")
    return jobs
