"""The spec of an attempt: one header line, then a plain sh script that becomes the job."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from engine.runner.faults import BadRequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A worktree of a repository, made before the job and its working directory."""

    repo: str
    """A path on the host, an address, or the name of a folder in `base`."""
    revision: str = ""
    """A branch, a tag or a commit; empty: where the repository's HEAD is."""
    base: str = "~/engineering/code/clone-base"
    """Where repositories with an address are cloned to."""
    keep: str = "never"
    """`never`, `failed` or `always`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A path below the job's folder that is restored before it, and stored after success."""

    name: str
    """Letters, digits, `.`, `_` and `-`."""
    path: str
    key: str = ""
    """What it is good for."""
    files: Sequence[str] = ()
    """Globs in the job's folder; what is in the files that match belongs to the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What to run and how. Intervals are milliseconds; None: no such limit."""

    argv: Sequence[str]
    cwd: str = "/"
    env: Sequence[tuple[str, str]] = ()
    """The whole environment of the job, besides the runner's mark."""
    stdin: str | None = None
    open_stdin: bool = False
    """Its standard input stays open, after `stdin`, for what is fed to it."""
    tmux: str = ""
    """Name of a tmux session in which people can watch it: a-z, 0-9, `_` and `-` alone."""
    soft_ms: int | None = None
    hard_ms: int | None = None
    grace_ms: int = 5_000
    lease_ms: int | None = None
    log_stop_bytes: int | None = None
    max_tokens: int | None = None
    """It is ended when it has reported more: lines `tokens N`, appended to `CRAB_USAGE`."""
    memory_mb: int | None = None
    """No process of the job may have more memory of its own."""
    within: Sequence[str] = ()
    """Words before the command, which run it within bounds."""
    workspace: Workspace | None = None
    """Where it runs, in place of `cwd`."""
    gate: Sequence[str] = ()
    """A command that runs after one that succeeded, in its place; none if it is empty."""
    gate_within: Sequence[str] = ()
    """Words before the gate, as `within`."""
    context: str | None = None
    """Text for it to read, in a file that `CRAB_CONTEXT` names."""
    frozen: str = ""
    """SHA-256 of a blob of the spool, a tar: it runs in a fresh copy, in place of `cwd`."""
    caches: Sequence[Cache] = ()
    caches_max_kb: int = 8 * 2**20
    """What all caches of the host may have together."""
    outputs: Sequence[str] = ()
    """Globs in its folder; what matches is packed as its `outputs` when it has ended."""
    outputs_max_bytes: int = 2**30
    """If it is more, nothing is packed."""
    wants_result: bool = False
    """`CRAB_RESULT` names a file, not there yet, that is read when it has ended."""


_PIECE = 16_384
"""Characters of one word: where printf is a program, its arguments are bounded."""

_SHA = re.compile(r"[0-9a-f]{64}")
_CACHE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")

_SHELL_MADE = ("PWD", "OLDPWD", "SHLVL", "PATH", "HOME", "LOGNAME", "_")
"""What some shells export although nobody asked for it."""

_PLAIN_NAME = re.compile(r"[A-Z][A-Z0-9_]*|[a-z]\w*_\w*", re.ASCII)
_SECRET_NAME = re.compile(
    r"([a-z_]\w*)?(token|secret|passw(or)?d|passphrase|api_?key|access_?key|credential)\w*",
    re.ASCII | re.IGNORECASE,
)
"""Such a value is in no command line, not even that of env(1); no shell has a use for these."""

_TOUCHY_NAME = re.compile(
    r"crab_.*|(BASH|SHELL|KSH|ZSH|YASH|EPOCH|HIST).*|E?[UG]ID|GROUPS|USERNAME|PPID|IFS|ENV|"
    r"RANDOM|SECONDS|LINENO|OPTIND|OPTARG|OPTERR|SHLVL|FUNCNAME|DIRSTACK|PS[0-9]|ERRNO|"
    r"module_path|POSIXLY_CORRECT|NULLCMD|READNULLCMD|TMOUT|COLUMNS|LINES"
)
"""Names that mean something to a shell: env(1) sets these, at the price of one more exec."""


def render(spec: Spec) -> bytes:
    """The text of the spec file.

    Raises:
        BadRequestError: something in it cannot be given to a process.
    """
    if not spec.argv or not spec.argv[0]:
        raise BadRequestError("there is no command to run: argv is empty")
    if not spec.cwd.startswith("/"):
        raise BadRequestError(f"cwd {spec.cwd!r} is not an absolute path")
    _check_names(spec.env)
    if not re.fullmatch(r"[a-z0-9_-]*", spec.tmux):
        raise BadRequestError(f"{spec.tmux!r} is no name of a session")
    _check_workspace(spec.workspace)
    _check_kept(spec)
    lines = "\n".join(_lines(spec))
    if "\0" in lines:
        raise BadRequestError(
            "a NUL byte cannot be given to a process, in argv, env, cwd or stdin"
        )
    try:
        return lines.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise BadRequestError(f"text that is no Unicode: {error.reason}") from None


def quote(text: str) -> str:
    """`text` as one word of sh, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _lines(spec: Spec) -> Iterator[str]:
    yield f"#crab {_header(spec)}"
    yield f"#crab command {spec.argv[0].splitlines()[0]}"
    if spec.outputs or spec.caches:
        yield from _afterwards(spec)
    if spec.stdin is not None or spec.open_stdin:
        yield f"feed {quote(spec.stdin or '')}"
    names = {name for name, _ in spec.env}
    yield f"enter {quote('/' if spec.frozen else spec.cwd)}"
    yield "unset " + " ".join(name for name in _SHELL_MADE if name not in names)
    plain = [(name, value) for name, value in spec.env if _is_plain(name)]
    if plain:
        words = " ".join(f"{name}={quote(value)}" for name, value in plain)
        yield f"{{ export {words}; }} 2>/dev/null"
    yield from _handed(spec)
    if spec.tmux:
        yield "watched"
    if spec.memory_mb and not spec.within:
        yield f"bound {spec.memory_mb:d}"
    if spec.gate:
        gate = _command(spec, spec.gate_within, spec.gate)
        yield " ".join(['[ -z "$gating" ] || again', *gate])
    command = _command(spec, spec.within, spec.argv)
    yield " ".join([*_launch(spec.workspace), *_placing(spec), *command]) + "\n"


def _afterwards(spec: Spec) -> Iterator[str]:
    """What is done when it has ended, by the supervisor: it comes here once more for that."""
    folder = quote(spec.cwd)
    if spec.workspace is not None:
        folder = '"${crab_dir%/a/*}/w/$crab_id"'
    elif spec.frozen:
        folder = '"${crab_dir%/a/*}/trees/$crab_id"'
    yield 'if [ -n "$ending" ]; then'
    yield '. "$crab_lib/after.sh"'
    yield f"at {folder}"
    if spec.outputs:
        yield f"crab_most={spec.outputs_max_bytes:d}"
        yield " ".join(["outputs", *map(quote, spec.outputs)])
    if spec.caches:
        yield f"crab_shelf_kb={spec.caches_max_kb:d}"
    for cache in spec.caches:
        yield f"store {quote(cache.name)} {quote(cache.path)}"
    yield "exit 0"
    yield "fi"


def _placing(spec: Spec) -> list[str]:
    """Words before the command that make its folder what it is to be."""
    if not spec.frozen and not spec.caches:
        return []
    words = ["/bin/sh", '"$crab_lib/place.sh"', "prepare", '"$crab_dir"']
    if spec.frozen:
        words += ["tree", quote(spec.frozen)]
    for cache in spec.caches:
        said = (cache.name, cache.path, _cache_key(cache), str(len(cache.files)), *cache.files)
        words += ["cache", *map(quote, said)]
    return [*words, "--"]


def _cache_key(cache: Cache) -> str:
    parts = [part.encode("utf-8", "surrogateescape") for part in (cache.path, cache.key)]
    return sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()[:32]


def _command(spec: Spec, within: Sequence[str], argv: Sequence[str]) -> list[str]:
    return [*map(quote, within), *_env_words(spec), *map(quote, argv)]


def _handed(spec: Spec) -> Iterator[str]:
    """Files of the attempt that it is told of, whatever its environment says of them."""
    if spec.context is not None:
        pieces = range(0, len(spec.context), _PIECE)
        words = [quote(spec.context[at : at + _PIECE]) for at in pieces]
        yield " ".join(["inform", *words])
    if spec.max_tokens is not None:
        yield "CRAB_USAGE=$crab_dir/usage; export CRAB_USAGE"
    if spec.wants_result:
        yield "CRAB_RESULT=$crab_dir/result; export CRAB_RESULT"


def _launch(workspace: Workspace | None) -> list[str]:
    if workspace is None:
        return ["launch"]
    words = (workspace.repo, workspace.revision, workspace.base, workspace.keep)
    return ["within", *map(quote, words)]


def _header(spec: Spec) -> str:
    limits = {
        "grace": spec.grace_ms,
        "soft": spec.soft_ms,
        "hard": spec.hard_ms,
        "lease": spec.lease_ms,
        "cap": spec.log_stop_bytes,
        "tokens": spec.max_tokens,
        "mem": spec.memory_mb,
        "open": int(spec.open_stdin) or None,
        "workspace": int(spec.workspace is not None) or None,
        "gate": int(bool(spec.gate)) or None,
        "tree": int(bool(spec.frozen)) or None,
        "after": int(bool(spec.outputs or spec.caches)) or None,
    }
    words = [f"{key}={value:d}" for key, value in limits.items() if value is not None]
    return " ".join([*words, *([f"tmux={spec.tmux}"] if spec.tmux else [])])


def _env_words(spec: Spec) -> list[str]:
    touchy = [f"{name}={value}" for name, value in spec.env if not _is_plain(name)]
    return ["/usr/bin/env", "--", *map(quote, touchy)] if touchy else []


@lru_cache(maxsize=1024)
def _is_plain(name: str) -> bool:
    is_plain = _PLAIN_NAME.fullmatch(name) or _SECRET_NAME.fullmatch(name)
    return bool(is_plain) and not _TOUCHY_NAME.fullmatch(name)


def _check_workspace(workspace: Workspace | None) -> None:
    """What would be taken for an option, or for two lines, is no name of anything."""
    if workspace is None:
        return
    for word in (workspace.repo, workspace.revision, workspace.base):
        if word.startswith("-") or "\n" in word:
            raise BadRequestError(f"{word!r} cannot be part of a workspace")
    if not workspace.repo or workspace.keep not in ("never", "failed", "always"):
        raise BadRequestError(f"{workspace} is no workspace")


def _check_kept(spec: Spec) -> None:
    if spec.frozen and (spec.workspace is not None or not _SHA.fullmatch(spec.frozen)):
        raise BadRequestError(f"{spec.frozen!r} is no frozen tree for this attempt")
    for cache in spec.caches:
        if not _CACHE_NAME.fullmatch(cache.name):
            raise BadRequestError(f"{cache.name!r} cannot be the name of a cache")
    paths = [*spec.outputs, *(path for one in spec.caches for path in (one.path, *one.files))]
    for path in paths:
        if not path or path.startswith("/") or ".." in path.split("/") or "\n" in path:
            raise BadRequestError(f"{path!r} does not lie in the job's folder")


def _check_names(env: Sequence[tuple[str, str]]) -> None:
    for name, _ in env:
        if not name or "=" in name or "\0" in name:
            raise BadRequestError(f"{name!r} cannot be the name of an environment variable")
