"""Errors as people and programs read them: one line, or one JSON object, on stderr."""

import sys

import msgspec

from crabtui.data.sanitize import sanitize
from engine.errors import EngineError


def report(error: EngineError, *, as_json: bool) -> None:
    """Print `error` on stderr."""
    if not as_json:
        complain(error.message)
        return
    fields = {
        "code": error.code,
        "message": error.message,
        "field": error.field,
        "nearest": error.nearest,
    }
    sys.stderr.write(msgspec.json.encode({"error": fields}).decode() + "\n")


def complain(text: str) -> None:
    """Say one line on stderr, harmless whatever is in it."""
    sys.stderr.write(f"crabtui: {sanitize(' '.join(text.splitlines()))}\n")
