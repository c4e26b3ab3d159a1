"""Templates: one job with `{name}` in it becomes the job of each member of an array."""

import re
from collections.abc import Callable, Collection, Mapping
from shlex import quote
from typing import Final

from msgspec.structs import replace

from engine.errors import InvalidSpec
from engine.model.ids import JobId
from engine.model.limits import RetryPolicy
from engine.model.shell_places import Trouble, trouble_at
from engine.model.spec import Command, Constraints, JobSpec, Kind
from engine.policy.arrays.expansion import RESERVED

MAX_NAME: Final = 200
MAX_ARGUMENT_BYTES: Final = 131_071
"""What Linux takes as one argument or environment entry."""

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)

Fill = Callable[[Mapping[str, str]], str]


class Template:
    """A job whose command, name, folder, environment and outputs have places for parameters."""

    def __init__(self, spec: JobSpec, params: Collection[str]) -> None:
        """Look for the places.

        Args:
            spec: As submitted, with `{name}` left in it.
            params: The names that are filled in, besides `index`; other braces stay.

        Raises:
            InvalidSpec: a shell line has one where quoting could not protect it.
        """
        known = frozenset(params) | RESERVED
        command = spec.command
        if command.shell is not None:
            _must_be_safe(command.shell, known)
        self.spec = spec
        self.params = tuple(params)
        self._argv = [_fill(word, known) for word in command.argv]
        self._shell = None if command.shell is None else _fill_shell(command.shell, known)
        self._cwd = None if command.cwd is None else _fill(command.cwd, known)
        self._env = {name: _fill(value, known) for name, value in command.env.items()}
        self._name = _fill(spec.name, known)
        self._outputs = [_fill(output.path, known) for output in spec.outputs]

    def whole(self) -> JobSpec:
        """The composite job that stands for all members: it asks for nothing itself."""
        return replace(
            self.spec,
            kind=Kind.COMPOSITE,
            constraints=Constraints(),
            retry=RetryPolicy(),
            held=False,
            preemptible=False,
            outputs=(),
        )

    def member(self, array: JobId, index: int, params: Mapping[str, str]) -> JobSpec:
        """The job of one member.

        Raises:
            InvalidSpec: with the values filled in something has become too long.
        """
        values = {**params, "index": str(index)}
        where = f"member {index}"
        name = self._name(values)
        if len(name) > MAX_NAME:
            raise _too_long(where, "name", f"{len(name)} characters", MAX_NAME)
        return replace(
            self.spec,
            command=self._command(array, values, where),
            name=name.replace("\t", " "),
            key=None,
            array=array,
            array_index=index,
            params=dict(params),
            outputs=tuple(
                replace(output, path=fill(values))
                for output, fill in zip(self.spec.outputs, self._outputs, strict=True)
            ),
        )

    def _command(self, array: JobId, values: Mapping[str, str], where: str) -> Command:
        command = Command(
            argv=tuple([fill(values) for fill in self._argv]),
            shell=None if self._shell is None else self._shell(values),
            cwd=None if self._cwd is None else self._cwd(values),
            env={name: fill(values) for name, fill in self._env.items()}
            | seen_by_member(array, values),
            stdin=self.spec.command.stdin,
            open_stdin=self.spec.command.open_stdin,
        )
        for text in (*command.argv, command.shell or "", *command.env.values()):
            if len(text) > MAX_ARGUMENT_BYTES // 4 and len(text.encode()) > MAX_ARGUMENT_BYTES:
                raise _too_long(where, "command", "an argument", MAX_ARGUMENT_BYTES)
        return command


def seen_by_member(array: JobId, values: Mapping[str, str]) -> dict[str, str]:
    """The variables from which a member learns which one it is."""
    seen = {"CRAB_ARRAY": str(array), "CRAB_ARRAY_INDEX": values["index"]}
    return seen | {
        _seen_as(name): value for name, value in values.items() if name not in RESERVED
    }


def _too_long(where: str, field: str, what: str, most: int) -> InvalidSpec:
    return InvalidSpec(f"{where}: {field}: {what} is too long: at most {most}", field=field)


def _fill(text: str, known: Collection[str]) -> Fill:
    """Puts values into the places of a text; quick where there are none."""
    if not any(place[1] in known for place in _PLACE.finditer(text)):
        return lambda _: text

    def fill(values: Mapping[str, str]) -> str:
        return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)

    return fill


def _fill_shell(line: str, known: Collection[str]) -> Fill:
    """Puts quoted values into a shell line, and leaves `${name}` to the shell."""

    def fill(values: Mapping[str, str]) -> str:
        def value(place: re.Match[str]) -> str:
            if place[1] not in known or _is_shells_own(line, place):
                return place[0]
            return quote(values[place[1]])

        return _PLACE.sub(value, line)

    return fill


def _is_shells_own(line: str, place: re.Match[str]) -> bool:
    return line[: place.start()].endswith("$")


def _must_be_safe(line: str, known: Collection[str]) -> None:
    """Refuse a place in a shell line where a quoted value would not be one word.

    Raises:
        InvalidSpec: it stands within quotes or a here-document, or where the shell would
            run what is in the value; says what to write instead.
    """
    for place in _PLACE.finditer(line):
        if place[1] not in known or _is_shells_own(line, place):
            continue
        trouble = trouble_at(line, place.start(), place.end())
        if trouble is not None:
            raise _unsafe(place[0], trouble, _seen_as(place[1]))


def _unsafe(place: str, trouble: Trouble, seen: str) -> InvalidSpec:
    where = f"shell: {place} stands {trouble.where}"
    if trouble.is_run:
        return InvalidSpec(
            f"{where}, where the shell may run commands that it finds in a value: check "
            f"${seen} first, and write a variable of your own there",
            field="shell",
        )
    return InvalidSpec(
        f"{where}; values are quoted already: write it outside, or use ${seen}",
        field="shell",
        nearest=f"${seen}",
    )


def _seen_as(name: str) -> str:
    return "CRAB_ARRAY_INDEX" if name == "index" else f"CRAB_PARAM_{name.upper()}"
