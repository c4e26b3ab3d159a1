"""Submissions from Python as commands make them: with folder, environment and a key."""

import os
from collections.abc import Mapping
from typing import Any

from engine.control.messages import Submit
from engine.model.surroundings import passed_on


def submission(
    *jobs: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    request_key: str | None = None,
) -> Submit:
    """The request that submits these, for `call` of any client; repeating it does it once.

    Args:
        jobs: As people write jobs (`command`, `queue` …).
        defaults: What each says unless it says otherwise.
        cwd: Where they run; None: the current folder.
        env: Their environment; None: the part of this process's that travels, such as PATH.
        request_key: None: a new one.
    """
    return Submit(
        jobs=tuple([dict(job) for job in jobs]),
        defaults=dict(defaults or {}),
        cwd=os.getcwd() if cwd is None else cwd,  # noqa: PTH109 - as text, as it is
        env=passed_on(os.environ) if env is None else dict(env),
        request_key=os.urandom(16).hex() if request_key is None else request_key,
    )
