"""Where the configuration comes from: two files, the environment, and flags."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.config.lines import lines_of_keys
from engine.config.reading import Layer, problem, raise_all, read_layer
from engine.config.schema import KEYS, TREE
from engine.config.schema import Path as KeyPath
from engine.errors import InvalidSpec
from engine.model.intake.wrong import Wrong
from engine.model.words import nearest

NAME: Final = "config.toml"
MOST_BYTES: Final = 2**20
FLAG: Final = "--set"

_BAD_AT = re.compile(r"\(at line (\d+), column \d+\)")
_VARIABLES: Final = {
    "_".join(("CRABTUI", *path)).upper(): path for path in KEYS if "*" not in path
}
_TABLES: Final = tuple(f"CRABTUI_{table.upper()}_" for table in TREE)


def files(state: Path, environ: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """The files that are read if they exist; the second goes before the first."""
    return (_user_folder(environ) / NAME, state / NAME)


def _user_folder(environ: Mapping[str, str]) -> Path:
    told = environ.get("XDG_CONFIG_HOME", "")
    if told.startswith("/"):
        return Path(told) / "crabtui"
    import platformdirs  # slow to load, and often not needed

    return Path(platformdirs.user_config_dir("crabtui"))


def read_file(path: Path) -> Layer | None:
    """What a file says; None if there is none.

    Raises:
        InvalidSpec: it cannot be read, is no TOML, or says something wrong.
    """
    try:
        text = _text(path)
        raw = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be read: {error.strerror}", field="file") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidSpec(f"{path}:{line}: is not UTF-8 text", field="file") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidSpec(_torn(path, text, str(error)), field="file") from None
    except RecursionError:
        raise InvalidSpec(f"{path}: is nested too deep", field="file") from None
    return read_layer(raw, partial(_place, path, lines_of_keys(text)))


def _text(path: Path) -> str:
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise InvalidSpec(f"{path}: is no regular file", field="file")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise InvalidSpec(f"{path}: is larger than {MOST_BYTES} bytes", field="file")
    return data.decode().removeprefix("\ufeff").replace("\r\n", "\n")


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for whoever writes to a FIFO."""
    return os.open(path, flags | os.O_NONBLOCK)


def _torn(path: Path, text: str, said: str) -> str:
    found = _BAD_AT.search(said)
    line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
    why = _BAD_AT.sub("", said).replace("(at end of document)", "at the end").strip()
    return f"{path}:{line}: is no TOML: {why[:1].lower()}{why[1:]}"


def _place(path: Path, lines: Mapping[KeyPath, int], key: KeyPath) -> str:
    """The line of a key, or of the nearest table around it that has one."""
    while key and key not in lines:
        key = key[:-1]
    return f"{path}:{lines[key]}" if key else str(path)


def read_environment(environ: Mapping[str, str]) -> Layer:
    """What variables such as `CRABTUI_SCHEDULER_AGEING` say.

    Raises:
        InvalidSpec: one of them is wrong, or looks like ours and is unknown.
    """
    raw: dict[str, Any] = {}
    names: dict[KeyPath, str] = {}
    problems: list[InvalidSpec] = []
    for name in sorted(environ):
        path = _VARIABLES.get(name)
        if path is not None:
            _put(raw, path, _value(environ[name]))
            names[path] = name
        elif name.startswith(_TABLES):
            problems.append(problem(name, (), _unknown_variable(name)))
    raise_all(problems)
    return read_layer(raw, lambda key: names.get(key, "the environment"))


def _unknown_variable(name: str) -> Wrong:
    near = nearest(name, [known.lower() for known in _VARIABLES])
    hint = f"did you mean {near.upper()!r}?" if near else "tables with names are for the file"
    return Wrong(f"unknown variable: {hint}", near=near.upper() if near else None)


def read_flags(flags: Sequence[str]) -> Layer:
    """What `--set KEY=VALUE` says; the last one for a key counts.

    Raises:
        InvalidSpec: one is not of that form, or wrong.
    """
    raw: dict[str, Any] = {}
    for flag in flags:
        key, equals, text = flag.partition("=")
        if not equals or not key.strip():
            wrong = Wrong(f"{flag[:100]!r}: write KEY=VALUE, such as daemon.lease_ttl=10s")
            raise problem(FLAG, (), wrong)
        _put(raw, _flag_path(key), _value(text))
    return read_layer(raw, lambda _: FLAG)


def _flag_path(key: str) -> KeyPath:
    try:
        [path] = _leaves(tomllib.loads(f"{key} = 0"))
    except (tomllib.TOMLDecodeError, ValueError):
        raise problem(FLAG, (), Wrong(f"{key[:100]!r} is no key")) from None
    return path


def _leaves(value: Any, above: KeyPath = ()) -> list[KeyPath]:
    if not isinstance(value, dict):
        return [above]
    return [leaf for key, below in value.items() for leaf in _leaves(below, (*above, key))]


def _value(text: str) -> Any:
    """A value as the file would have it; what is none there is text."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return parsed["value"] if len(parsed) == 1 else text


def _put(raw: dict[str, Any], path: KeyPath, value: Any) -> None:
    branch = raw
    for part in path[:-1]:
        deeper = branch.setdefault(part, {})
        if not isinstance(deeper, dict):
            deeper = branch[part] = {}
        branch = deeper
    branch[path[-1]] = value
