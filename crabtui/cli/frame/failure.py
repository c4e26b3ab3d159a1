"""Errors as people and programs read them: one line, or one JSON object, on stderr."""

import math
import sys

import msgspec

from crabtui.data.sanitize import sanitize
from engine.errors import EngineError


def report(error: EngineError, *, as_json: bool) -> None:
    """Print `error` on stderr."""
    if not as_json:
        complain(error.message + hint(error))
        return
    fields: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "field": error.field,
        "nearest": error.nearest,
    }
    if error.retry_after_s is not None:
        fields["retry_after_s"] = error.retry_after_s
    sys.stderr.write(msgspec.json.encode({"error": fields}).decode() + "\n")


def hint(error: EngineError) -> str:
    """`; try again in 30s`, if it is worth it."""
    if error.retry_after_s is None:
        return ""
    from crabtui.data.wording import duration

    return f"; try again in {duration(math.ceil(error.retry_after_s) * 1_000_000)}"


def complain(text: str) -> None:
    """Say one line on stderr, harmless whatever is in it."""
    sys.stderr.write(f"crabtui: {sanitize(' '.join(text.splitlines()))}\n")
