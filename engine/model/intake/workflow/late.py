"""Places that are filled in when a task starts: where they may stand, and of what."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from engine.model.intake.placeholders import OPENS, REPORT, Place, check_shell, places
from engine.model.intake.workflow.table import LATE_KEYS, LINE_KEYS
from engine.model.intake.wrong import Wrong
from engine.model.words import nearest


class Late:
    """What a task may refer to: the results of those that it waits for, and its item."""

    def __init__(self, tasks: Collection[str], *, has_item: bool) -> None:
        self.tasks = tasks
        self.has_item = has_item

    def check(self, job: Mapping[str, Any]) -> None:
        """Look at every place in a job whose params are filled in.

        Raises:
            Wrong: one stands where nothing is filled in any more or would not be safe, or
                names what the task does not wait for.
        """
        for key, value in job.items():
            try:
                self._check_key(key, value)
            except Wrong as wrong:
                raise wrong.under(key) from None

    def _check_key(self, key: str, value: Any) -> None:
        if key == "payload" and isinstance(value, Mapping):
            self.check(value)
            return
        is_line = key in LINE_KEYS and isinstance(value, str)
        for text in _texts(value):
            for place in places(text):
                self._check_where(key, place)
            if is_line:
                check_shell(text)

    def _check_where(self, key: str, place: Place) -> None:
        if place.root == REPORT:
            if key != "hooks":
                raise Wrong(f"{REPORT!r} is known to hooks alone")
        elif key not in LATE_KEYS:
            raise Wrong(_known_late(place))
        else:
            self._check_place(place)

    def _check_place(self, place: Place) -> None:
        if place.root in ("item", "index") and not self.has_item:
            raise Wrong(f"${{{{ {place.root} }}}} is known in tasks with `for_each` alone")
        if place.root == "results" and task_of(place.path, self.tasks) is None:
            raise self._not_awaited(place.path)

    def _not_awaited(self, path: str) -> Wrong:
        near = nearest(path.split(".")[0], self.tasks)
        hint = f"did you mean {near!r}?" if near else "add it to `depends_on`"
        return Wrong(
            f"refers to the result of {path.split('.')[0][:100]!r}, for which it does not "
            f"wait: {hint}",
            near=near,
        )


def task_of(path: str, tasks: Collection[str]) -> str | None:
    """The task whose result a path begins with: the longest name that fits; None: of none."""
    name = path
    while name not in tasks:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return name


def _known_late(place: Place) -> str:
    what = "results are" if place.root == "results" else f"{place.root!r} is"
    allowed: Final = "command, env, cwd, stdin, name, args and stage_opts"
    return f"{what} known when a task starts: only {allowed} can have them"


def _texts(value: Any) -> Iterable[str]:
    """Every text with a place in it."""
    if isinstance(value, str):
        return [value] if OPENS in value else ()
    if isinstance(value, Mapping):
        return (text for one in value.values() for text in _texts(one))
    if isinstance(value, list | tuple):
        return (text for one in value for text in _texts(one))
    return ()
