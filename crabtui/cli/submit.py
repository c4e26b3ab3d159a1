"""`crabtui submit`: store a job, or a file of jobs, and say their ids."""

from typing import Any

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import CommandVerb
from crabtui.cli.options.array import array_asked, array_options, send_array
from crabtui.cli.options.job import described, flags_only, job_options
from crabtui.cli.printing.output import plain, say, say_json
from crabtui.cli.submitting.patience import deliverer, room_option
from crabtui.cli.submitting.sending import send_job
from engine.control.views import Submitted
from engine.errors import InvalidSpec

DETAILED = 100
"""Jobs that are told of one by one."""


@click.command(cls=CommandVerb)
@job_options
@array_options
@click.option("--file", "-f", metavar="FILE", help="Jobs as NDJSON, JSON, YAML or TOML; or -.")
@click.option(
    "--on-key",
    type=click.Choice(["return", "reject", "replace"]),
    help="If a live job has the key.  [default: return]",
)
@click.option("--tool", metavar="NAME", help="Call this tool instead of a command.")
@click.option("--args", "json_args", metavar="JSON", help="Of --tool: its arguments.")
@room_option
def submit(
    argv: tuple[str, ...],
    shell: str | None,
    file: str | None,
    on_key: str | None,
    tool: str | None,
    json_args: str | None,
    **given: Any,
) -> int:
    """Submit a job: the words after --, or a --shell line, or every job of a --file.

    When it returns the jobs are on disk. With --file the other flags are defaults.
    With --array, --grid or --lines it becomes many: {item}, {NAME} or {line} in its
    command, name, cwd and env is the value, {index} its place from 0.
    """
    asked, deliver = array_asked(given), deliverer(given)
    if asked and (file is not None or on_key is not None):
        field = "file" if file is not None else "on_key"
        raise InvalidSpec(
            f"--{field.replace('_', '-')} and an array do not go together", field=field
        )
    if asked:
        array = send_array(described(argv, shell, **given), asked, deliver)
        return tell_submitted(array, is_array=True)
    if file is not None:
        if argv or shell is not None:
            raise InvalidSpec("give either --file or a command, not both", field="file")
        from crabtui.cli.submitting.files import send_file

        return tell_submitted(
            send_file(file, flags_only(**given), on_key=on_key, deliver=deliver)
        )
    key = on_key or "return"
    job = (
        described(argv, shell, **given)
        if tool is None
        else _called(argv, shell, tool, json_args, given)
    )
    return tell_submitted(send_job(job, on_key=key, deliver=deliver))


def _called(
    argv: tuple[str, ...],
    shell: str | None,
    tool: str,
    json_args: str | None,
    given: dict[str, Any],
) -> dict[str, Any]:
    """The job that calls a tool. Raises: InvalidSpec: it has a command too."""
    if argv or shell is not None:
        raise InvalidSpec("give either --tool or a command, not both", field="tool")
    from crabtui.cli.options.call import read_args

    return flags_only(**given) | {"tool": tool, "args": read_args((), json_args)}


def tell_submitted(submitted: Submitted, *, is_array: bool = False) -> int:
    """Print the ids of what was stored. Returns: 0."""
    if setting().as_json:
        array = {"array": submitted.ids[0][0]} if is_array else {}
        say_json(array | _as_json(submitted))
    elif is_array:
        [(first, last)] = submitted.ids
        jobs = "1 job" if last - first == 1 else f"{last - first:,} jobs"
        say(f"#{first} (array of {jobs})")
    else:
        say(_sentence(submitted))
    return 0


def _as_json(submitted: Submitted) -> dict[str, Any]:
    told: dict[str, Any] = {"count": submitted.count, "ids": plain(submitted.ids)}
    if submitted.count <= DETAILED:
        told["jobs"] = plain(submitted.jobs)
    return told


def _sentence(submitted: Submitted) -> str:
    spans = ", ".join(f"#{a}" if a == b else f"#{a}–#{b}" for a, b in submitted.ids)
    if submitted.count == 1:
        found = [job for job in submitted.jobs if not job.created]
        return f"{spans} (was there already)" if found else spans
    return f"{spans} ({submitted.count:,} jobs)"
