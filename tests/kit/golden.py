"""Comparing what was made with what was agreed: files under `tests/golden`."""

import difflib
import os
from pathlib import Path

GOLDEN = Path(__file__).parent.parent / "golden"


def is_golden(name: str, found: str) -> bool:
    """Whether that is the text of the file `name`, or is about to be."""
    path = GOLDEN / name
    is_written = bool(os.environ.get("GOLDEN_UPDATE"))
    return is_written or (path.exists() and path.read_text() == found)


def check_golden(name: str, found: str) -> None:
    """`found` must be the text of the file `name`; GOLDEN_UPDATE=1 writes it instead."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN_UPDATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    agreed = path.read_text() if path.exists() else ""
    difference = "".join(
        difflib.unified_diff(agreed.splitlines(True), found.splitlines(True), name, "found")
    )
    assert not difference, f"\n{difference}"
