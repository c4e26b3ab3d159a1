"""What is filled into a task when it starts: results of those that it waited for, its item."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from engine.model.calls import Call
from engine.model.intake.placeholders import (
    OPENS,
    Look,
    Place,
    dig,
    fill,
    fill_shell,
    fill_text,
)
from engine.model.intake.workflow.late import task_of
from engine.model.intake.wrong import Wrong
from engine.model.spec import Command, JobSpec


def filled(spec: JobSpec, context: Mapping[str, Any]) -> JobSpec:
    """The job with the values of its context in their places.

    Args:
        spec: As submitted.
        context: As the job reads it: `results` by task, `item`, `index`.

    Raises:
        InvalidSpec: a place names what is not there.
    """
    if not _has_places(spec):
        return spec
    look = _look(context)
    try:
        call = spec.call
        return replace(
            spec,
            command=_command(spec.command, look),
            call=None if call is None else _call(call, look),
        )
    except Wrong as wrong:
        raise wrong.error("") from None


def filled_name(name: str, context: Mapping[str, Any]) -> str:
    """A name with the values in their places. Raises: InvalidSpec."""
    try:
        return fill_text(name, _look(context)) if OPENS in name else name
    except Wrong as wrong:
        raise wrong.error("") from None


def _has_places(spec: JobSpec) -> bool:
    command = spec.command
    texts = (*command.argv, command.shell, command.cwd, command.stdin, *command.env.values())
    if any(text is not None and OPENS in text for text in texts):
        return True
    return spec.call is not None and _holds_place(spec.call.args)


def _holds_place(value: Any) -> bool:
    if isinstance(value, str):
        return OPENS in value
    if isinstance(value, Mapping):
        return any(map(_holds_place, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_place, value))


def _look(context: Mapping[str, Any]) -> Look:
    results = context.get("results", {})

    def within(place: Place) -> Any:
        if place.root == "results":
            task = task_of(place.path, results)
            if task is None:
                raise Wrong(f"the task {place.path.split('.')[0]!r} left no result")
            return dig(results[task], place.path[len(task) + 1 :])
        if place.root not in context:
            raise Wrong(f"there is no {place.root} here")
        return dig(context[place.root], place.path)

    def look(place: Place) -> Any:
        try:
            return within(place)
        except Wrong as wrong:
            raise wrong.under(f"{place.root}.{place.path}".rstrip(".")) from None

    return look


def _command(command: Command, look: Look) -> Command:
    return replace(
        command,
        argv=tuple([fill_text(word, look) for word in command.argv]),
        shell=None if command.shell is None else fill_shell(command.shell, look),
        cwd=None if command.cwd is None else fill_text(command.cwd, look),
        stdin=None if command.stdin is None else fill_text(command.stdin, look),
        env={name: fill_text(value, look) for name, value in command.env.items()},
    )


def _call(call: Call, look: Look) -> Call:
    return replace(call, args=_within(call.args, look))


def _within(value: Any, look: Look) -> Any:
    if isinstance(value, str):
        return fill(value, look)
    if isinstance(value, Mapping):
        return {key: _within(one, look) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_within(one, look) for one in value]
    return value
