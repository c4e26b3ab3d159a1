"""The tmux session in which people can watch a job."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import to_builtins

from engine.errors import InvalidSpec
from engine.model.intake.scalars import text
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word
from engine.model.sessions import Role, Session, read_role, session_name

_KEYS: Final = ("repo", "work", "role")


def watching(value: Any, was: Session | None = None) -> Session:
    """A session from a map of `repo`, `work` and `role`, or the name of the repository.

    Args:
        value: As people write it; of a map, what it does not say stays as it was.
        was: The job's session until now, if it has one.

    Raises:
        Wrong: it names none, or one that is a person's own.
    """
    said = {"repo": value} if isinstance(value, str) else value
    if not isinstance(said, Mapping):
        raise wrong_type(value, "a map of repo, work and role")
    for key in said:
        if key not in _KEYS:
            raise wrong_word("key of tmux", str(key), _KEYS).under(str(key)[:100])
    told = {} if was is None or value is not said else to_builtins(was)
    words = {key: text(one) for key, one in (told | dict(said)).items() if one is not None}
    if "repo" not in words:
        raise Wrong("needs a repo: whose work it is")
    try:
        role = read_role(words.get("role", Role.RUNNER.value))
        session_name(words["repo"], words.get("work", "job"), role)
    except InvalidSpec as error:
        raise Wrong(error.message, near=error.nearest) from None
    if role is Role.HUMAN:
        raise Wrong("a person's own session is none for jobs; say agent or runner")
    return Session(repo=words["repo"], work=words.get("work", ""), role=role)
