"""The flags that describe a job, and the job as people write it that they make."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from crabtui.cli.completion import complete_workers
from crabtui.cli.frame.setting import setting
from crabtui.cli.submitting.surroundings import as_text, given_env
from engine.errors import InvalidSpec
from engine.model.intake.checkout import divided

OPEN: Final = "\0"
"""What `--stdin` is without a file."""


def _workers(flag: str, *, help: str) -> Callable[..., Any]:  # noqa: A002 - as click has it
    """A flag that takes names of workers, which shells complete."""
    return click.option(
        flag, multiple=True, metavar="NAME", shell_complete=complete_workers, help=help
    )


HOOKS: Final = {
    "failure": "A line for /bin/sh that is run if it fails, as a job.",
    "success": "The same if it succeeds,",
    "end": "and however it ends.",
}
"""Moments for which flags set hooks, with their help."""

OPTIONS: Final = (
    click.argument("argv", nargs=-1, type=click.UNPROCESSED, metavar="[--] [ARGV]..."),
    click.option("--shell", metavar="LINE", help="A line for /bin/sh instead of ARGV."),
    click.option("--name", metavar="TEXT", help="What to call it."),
    click.option("--queue", metavar="NAME", help="The queue it stands in."),
    click.option("--priority", metavar="LEVEL", help="critical, high, normal or low."),
    click.option("--cpus", metavar="N", help="Cores: 2, 0.5 or 500m.  [default: 1]"),
    click.option("--memory", metavar="SIZE", help="512M, 2G; a bare number is megabytes."),
    click.option("--gpus", metavar="N", help="Number of devices."),
    click.option("--gpu-type", metavar="NAME", help="The kind of device."),
    click.option("--timeout", metavar="TIME", help="Ends it: 90 (seconds), 5m, 1h30m."),
    click.option("--soft-timeout", metavar="TIME", help="Asks it to end, by TERM."),
    click.option("--retries", metavar="N", help="Further attempts if it fails."),
    click.option("--retry", metavar="PRESET", help="work, crab or never."),
    click.option(
        "--after",
        multiple=True,
        metavar="ID[:END]",
        help="Jobs that must succeed first; END: failure, or end for any.",
    ),
    click.option("--not-before", metavar="TIME", help="10m, or 2026-11-21T13:40Z."),
    click.option("--deadline", metavar="TIME", help="Give up if it has not started by then."),
    click.option("--tag", multiple=True, metavar="TAG", help="Any number of them."),
    click.option("--key", metavar="TEXT", help="At most one live job has this key."),
    _workers("--worker", help="Only there."),
    click.option("--backend", multiple=True, metavar="NAME", help="Only where this runs it."),
    click.option("--label", multiple=True, metavar="LABEL", help="Only where this is."),
    _workers("--not-worker", help="Never there."),
    _workers("--prefer", help="Workers to try first."),
    click.option("--not-label", multiple=True, metavar="LABEL", help="Never where this is."),
    click.option("--placing", metavar="HOW", help="spread or pack."),
    click.option("--storage", metavar="SIZE", help="Disk that it needs."),
    click.option("--need", multiple=True, metavar="NAME=N", help="A named resource."),
    click.option("--group", metavar="NAME", help="Its concurrency group, over all queues."),
    click.option("--group-limit", metavar="N", help="Jobs of it at once.  [default: 1]"),
    click.option("--goal", metavar="NAME", help="At most one live job has its lock."),
    click.option("--session", metavar="NAME", help="Runs where this session ran last."),
    click.option("--session-repo", metavar="NAME", help="Watched in tmux: of this repository,"),
    click.option("--session-work", metavar="NAME", help="and this work.  [default: its own]"),
    click.option("--session-role", metavar="ROLE", help="runner (ends with it) or agent."),
    click.option("--preemptible", is_flag=True, help="Makes room for critical jobs."),
    click.option("--restart", metavar="HOW", help="If it is lost: safe (again), never or ask."),
    click.option("--on-partition", metavar="HOW", help="Silent host: keep (wait) or replace."),
    click.option("--estimate", metavar="TIME", help="How long it is expected to run."),
    click.option("--tenant", metavar="NAME", help="Whose job it is."),
    click.option("--namespace", metavar="NAME", help="Which project it belongs to."),
    click.option(
        "--cwd", metavar="DIR", help="Where it runs.  [default: here; on other machines, home]"
    ),
    click.option(
        "--workspace", metavar="REPO[@REV]", help="Runs in a git worktree of its own."
    ),
    click.option("--workspace-base", metavar="DIR", help="Where its host has its clones."),
    click.option("--keep-workspace", metavar="WHEN", help="never, failed or always."),
    click.option("--gate", metavar="LINE", help="For /bin/sh, after success: must pass too."),
    click.option(
        "--freeze",
        metavar="[DIR]",
        is_flag=False,
        flag_value=".",
        help="Runs in a copy of DIR as it is now.  [default: here]",
    ),
    click.option("--output", multiple=True, metavar="[TYPE:]GLOB", help="Files to collect."),
    click.option("--wants-result", is_flag=True, help="Keeps what it writes to $CRAB_RESULT."),
    click.option("--max-tokens", metavar="N", help="Ends it once it reports more of them."),
    click.option("--memo", metavar="TIME", help="A result of the same so young is reused."),
    click.option("--cache", multiple=True, metavar="NAME=PATH[@FILES]", help="A build cache."),
    click.option("--env", multiple=True, metavar="NAME[=VALUE]", help="Its environment."),
    click.option(
        "--stdin",
        metavar="[FILE]",
        is_flag=False,
        flag_value=OPEN,
        help="Given to it as input; - reads it here; without FILE it stays open for `send`.",
    ),
    *(
        click.option(f"--on-{on}", multiple=True, metavar="LINE", help=help_)
        for on, help_ in HOOKS.items()
    ),
    click.option("--hold", is_flag=True, help="Keep it from starting until released."),
)

FIELDS: Final = {
    "tag": "tags",
    "worker": "workers",
    "label": "labels",
    "backend": "required_backends",
    "not_worker": "excluded_workers",
    "prefer": "preferred_workers",
    "not_label": "excluded_labels",
    "need": "resources",
    "estimate": "estimated_duration",
    "freeze": "frozen",
    "output": "outputs",
    "cache": "caches",
}
"""What a flag sets, where the field has another name."""


def job_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all flags that describe a job; they arrive as keyword arguments."""
    for decorate in reversed(OPTIONS):
        command = decorate(command)
    return command


_WATCHED: Final = {f"session_{part}": part for part in ("repo", "work", "role")}

_WORKSPACE: Final = {"workspace_base": "base", "keep_workspace": "keep"}

_NOT_EDITED: Final = frozenset(
    {
        "shell",
        "after",
        "key",
        "tenant",
        "namespace",
        "cwd",
        "env",
        "stdin",
        "hold",
        "workspace",
        "freeze",
        *(f"on_{on}" for on in HOOKS),
        *_WORKSPACE,
    }
)


def change_options(*, fixed_too: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Add the flags that change a job that exists; with `fixed_too` all but the command's
    words. What a flag does not say stays, and `--clear` takes it back to its default.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option(
            "--clear", multiple=True, metavar="FIELD", help="Back to its default."
        )(command)
        for decorate in reversed(OPTIONS):
            [made] = _params(decorate)
            if made.name != "argv" and (fixed_too or made.name not in _NOT_EDITED):
                command = decorate(command)
        return command

    return add


def _params(decorate: Callable[..., Any]) -> list[click.Parameter]:
    """What a decorator adds to a command."""
    return click.command()(decorate(lambda: None)).params


_ALL: Final = [made for decorate in OPTIONS for made in _params(decorate)]
MANY: Final = frozenset(made.name for made in _ALL if made.multiple)
"""Flags that may be given any number of times."""
SWITCHES: Final = frozenset(
    made.name for made in _ALL if isinstance(made, click.Option) and made.is_flag
)
"""Flags without a value."""


def changes(clear: tuple[str, ...], **given: Any) -> dict[str, Any]:
    """The changes that the flags say.

    Raises:
        InvalidSpec: they say nothing.
    """
    said = dict.fromkeys(clear) | read_flags(given)
    if not said:
        raise InvalidSpec("say what to change, as in --memory 4G", field="changes")
    return said


def described(argv: tuple[str, ...], shell: str | None, **given: Any) -> dict[str, Any]:
    """The job that the flags describe; what was not given is left to the daemon.

    Raises:
        InvalidSpec: no command or two, bytes that are no text, or an unreadable input.
    """
    return _command(argv, shell) | flags_only(**given) | _lineage()


def flags_only(**given: Any) -> dict[str, Any]:
    """What the flags say apart from the command: defaults for the jobs of a file."""
    said = read_flags(given)
    if "tmux" in said:
        said["tmux"].setdefault("repo", Path.cwd().name or "home")
    return said | _lineage()


def _command(argv: tuple[str, ...], shell: str | None) -> dict[str, Any]:
    if argv and shell is not None:
        raise InvalidSpec("give either --shell or a command after --, not both", field="shell")
    if shell is not None:
        return {"shell": as_text(shell, "--shell")}
    if not argv:
        raise InvalidSpec("no command: write it after --, as in `-- make -j4`", field="argv")
    return {"argv": [as_text(word, f"argument {n}") for n, word in enumerate(argv)]}


def read_flags(given: dict[str, Any]) -> dict[str, Any]:
    """What the flags say, by field; those that were not given say nothing.

    Raises:
        InvalidSpec: a value is none of its kind.
    """
    job: dict[str, Any] = {}
    for flag, value in given.items():
        if value is None or value is False or value == ():
            continue
        if flag in _WATCHED:
            job.setdefault("tmux", {})[_WATCHED[flag]] = _as_given(flag, value)
            continue
        if flag in _WORKSPACE or flag == "workspace":
            continue
        if flag.removeprefix("on_") in HOOKS:
            lines = _as_given(flag, value)
            on = flag.removeprefix("on_")
            job.setdefault("hooks", []).extend({"on": on, "shell": line} for line in lines)
            continue
        if flag == "stdin" and value == OPEN:
            job["open_stdin"] = True
            continue
        job[FIELDS.get(flag, flag)] = _READ.get(flag, _as_given)(flag, value)
    return job | _workspace(given)


def _workspace(given: dict[str, Any]) -> dict[str, Any]:
    """What its flags say; as they say nothing together, the daemon takes the short form."""
    flags = {"workspace": "", **_WORKSPACE}
    said = {flag: _as_given(flag, given[flag]) for flag in flags if given.get(flag) is not None}
    if not said:
        return {}
    if "workspace" not in said:
        raise InvalidSpec(
            f"{_option(next(iter(said)))} goes with --workspace", field="workspace"
        )
    if len(said) == 1:
        return said
    repo, revision = divided(said.pop("workspace"))
    rest = {_WORKSPACE[flag]: value for flag, value in said.items()}
    return {"workspace": {"repo": repo, "revision": revision or None, **rest}}


def _as_given(flag: str, value: Any) -> Any:
    option = _option(flag)
    if isinstance(value, tuple):
        return [as_text(word, option) for word in value]
    return as_text(value, option) if isinstance(value, str) else value


def _option(flag: str) -> str:
    return f"--{flag.replace('_', '-')}"


def _whole(flag: str, value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    raise InvalidSpec(f"--{flag} {value!r} is no whole number", field=flag)


def _awaited(_: str, value: tuple[str, ...]) -> list[int | str]:
    from crabtui.cli.options.targets import read_ids

    plain = [one for one in value if ":" not in one]
    others = [one for one in value if ":" in one]
    return [*(read_ids(plain) if plain else ()), *others]


def _env(_: str, value: tuple[str, ...]) -> dict[str, str]:
    return given_env(value)


def _folder(_: str, value: str) -> str:
    if setting().remote is None:
        return as_text(str(Path(value).expanduser().absolute()), "--cwd")
    return as_text("." if value == "~" else value.removeprefix("~/"), "--cwd")


def _freeze(_: str, value: str) -> str:
    from crabtui.cli.submitting.freezing import freeze

    return freeze(Path(value))


def _input(_: str, value: str) -> str:
    try:
        data = sys.stdin.buffer.read() if value == "-" else Path(value).read_bytes()
        return data.decode()
    except OSError as trouble:
        raise InvalidSpec(f"--stdin {value}: {trouble.strerror}", field="stdin") from None
    except UnicodeDecodeError as broken:
        raise InvalidSpec(
            f"--stdin {value}: no UTF-8: {broken.reason}", field="stdin"
        ) from None


def _needs(_: str, value: tuple[str, ...]) -> dict[str, dict[str, int]]:
    needs: dict[str, int] = {}
    for word in value:
        name, found, amount = word.partition("=")
        if not found or not name:
            raise InvalidSpec(f"--need {word!r}: write NAME=N, as in license=1", field="need")
        needs[name] = _whole("need", amount)
    return {"custom": needs}


_READ: Final[dict[str, Callable[[str, Any], Any]]] = {
    "retries": _whole,
    "gpus": _whole,
    "group_limit": _whole,
    "max_tokens": _whole,
    "need": _needs,
    "after": _awaited,
    "env": _env,
    "cwd": _folder,
    "freeze": _freeze,
    "stdin": _input,
}


def _lineage() -> dict[str, Any]:
    """Which job submits this; a job of this machine means nothing to a daemon elsewhere."""
    parent = "" if setting().remote else os.environ.get("CRAB_JOB", "")
    return {"parent_id": int(parent)} if parent.isascii() and parent.isdigit() else {}
