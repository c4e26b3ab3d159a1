"""What of a job outlives its attempts: outputs, caches, results to reuse, a frozen tree."""

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.model.intake.draft import Draft
from engine.model.intake.maps import Setter
from engine.model.intake.scalars import duration_ms, items, items_or_one, line, name, yes_no
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word
from engine.model.keeping import ArtifactType, BuildCache, Memo, Output

MOST: Final = 100
"""Outputs, caches or inputs of one job."""
LONGEST: Final = 500

_TYPES: Final = {one.value: one for one in ArtifactType}
_SHA: Final = re.compile(r"[0-9a-f]{64}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def inside(value: Any) -> str:
    """A path or pattern below the job's folder, as short as it can be written."""
    said = line(value, LONGEST)
    if not said:
        raise Wrong("is empty")
    if said.startswith(("/", "~")):
        raise Wrong(f"{shown(said)}: write a path relative to the job's folder")
    if ".." in said.split("/"):
        raise Wrong(f"{shown(said)} leads out of the job's folder")
    path = posixpath.normpath(said)
    if path == ".":
        raise Wrong("is the job's whole folder; name files or folders in it")
    if path.startswith("-"):
        path = f"./{path}"
    return path


def _type(value: Any) -> ArtifactType:
    word = line(value, 100)
    if word not in _TYPES:
        raise wrong_word("type of artifact", word, _TYPES)
    return _TYPES[word]


def _label(value: Any) -> str:
    label = line(value, 200)
    if not label.strip() or "/" in label:
        raise Wrong(f"{shown(label)} cannot be a name: it is empty or has a '/'")
    return label


def _text(value: Any) -> str:
    return line(value, LONGEST)


def _many(read: Callable[[Any], Any], what: str) -> Callable[[Any], tuple[Any, ...]]:
    def read_all(value: Any) -> tuple[Any, ...]:
        return tuple(_each(read, items_or_one(value, what), what))

    return read_all


def _each(read: Callable[[Any], Any], values: list[Any], what: str) -> list[Any]:
    if len(values) > MOST:
        raise Wrong(f"has {len(values)} {what}; at most {MOST} are allowed")
    found = []
    for place, one in enumerate(values):
        try:
            found.append(read(one))
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    return found


def _fields(
    value: Any, table: Mapping[str, Callable[[Any], Any]], what: str, needed: tuple[str, ...]
) -> dict[str, Any]:
    """The fields of a small map, each read. Raises: Wrong."""
    if not isinstance(value, Mapping):
        raise wrong_type(value, f"a map of {', '.join(table)}")
    made = {}
    for key, one in value.items():
        if key not in table:
            raise wrong_word(f"key of {what}", str(key), table).under(str(key)[:100])
        if one is None:
            continue
        try:
            made[key] = table[key](one)
        except Wrong as wrong:
            raise wrong.under(key) from None
    for key in needed:
        if key not in made:
            raise Wrong(f"needs a {key}")
    return made


_OUTPUT: Final[Mapping[str, Callable[[Any], Any]]] = {
    "path": inside,
    "type": _type,
    "name": _label,
    "optional": yes_no,
}


def output(value: Any) -> Output:
    """An output from its pattern, `TYPE:PATTERN`, or a map."""
    if isinstance(value, str):
        word, colon, rest = value.partition(":")
        if colon and word in _TYPES:
            return Output(path=inside(rest), type=_TYPES[word])
        return Output(path=inside(value))
    return Output(**_fields(value, _OUTPUT, "outputs", ("path",)))


def _outputs(draft: Draft, value: Any, key: str) -> None:
    draft.once("outputs", key)
    alone = isinstance(value, str | Mapping)
    draft.spec["outputs"] = tuple(
        _each(output, [value] if alone else items(value, "outputs"), "outputs")
    )


def _cache_key(value: Any) -> Any:
    if isinstance(value, str):
        return {"key": _text(value)}
    table = {"files": _many(inside, "files"), "text": _text}
    said = _fields(value, table, "key", ())
    return {"key": said.get("text", ""), "files": said.get("files", ())}


_CACHE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": name,
    "path": inside,
    "key": _cache_key,
}


def cache(value: Any) -> BuildCache:
    """A build cache from `NAME=PATH`, `NAME=PATH@FILE,FILE`, or a map."""
    if isinstance(value, str):
        label, found, rest = value.partition("=")
        if not found:
            raise Wrong(f"{shown(value)}: write NAME=PATH, or NAME=PATH@FILE for its key")
        path, _, files = rest.partition("@")
        value = {"name": label, "path": path}
        value |= {"key": {"files": files.split(",")}} if files else {}
    said = _fields(value, _CACHE, "caches", ("name", "path"))
    return BuildCache(**(said | said.pop("key", {})))


def _caches(draft: Draft, value: Any, key: str) -> None:
    draft.once("caches", key)
    alone = isinstance(value, str | Mapping)
    found = _each(cache, [value] if alone else items(value, "caches"), "caches")
    names = [one.name for one in found]
    for one in names:
        if names.count(one) > 1:
            raise Wrong(f"two caches have the name {one!r}")
    draft.spec["caches"] = tuple(found)


def _ttl(value: Any) -> int:
    return duration_ms(value, 1)


def _variable(value: Any) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise Wrong(f"{shown(value)} cannot name a variable")
    return value


def _memo(draft: Draft, value: Any, key: str) -> None:
    draft.once("memo", key)
    if not isinstance(value, Mapping):
        value = {"ttl": value}

    def path(given: Any) -> str:
        said = line(given, LONGEST)
        if not said or said.startswith("~"):
            raise Wrong(f"{shown(said)}: write a whole path, or one relative to where you are")
        return posixpath.normpath(posixpath.join(draft.cwd, said))

    table = {
        "ttl": _ttl,
        "inputs": _many(path, "inputs"),
        "env": _many(_variable, "names"),
        "version": _text,
    }
    said = _fields(value, table, "memo", ("ttl",))
    draft.spec["memo"] = Memo(ttl_ms=said.pop("ttl"), **said)


def _frozen(draft: Draft, value: Any, key: str) -> None:
    draft.once("frozen", key)
    if not isinstance(value, str) or not _SHA.fullmatch(value):
        raise Wrong(f"{shown(value)} is no SHA-256; `crabtui submit --freeze` makes one")
    draft.spec["frozen"] = value


def _wants_result(draft: Draft, value: Any, key: str) -> None:
    draft.once("wants_result", key)
    draft.spec["wants_result"] = yes_no(value)


KEEPING_KEYS: Final[Mapping[str, Setter]] = {
    "outputs": _outputs,
    "caches": _caches,
    "memo": _memo,
    "frozen": _frozen,
    "wants_result": _wants_result,
}
"""What a job may say of what is kept and reused."""
