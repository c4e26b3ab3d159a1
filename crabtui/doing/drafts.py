"""Files that are written as a whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def drafted(path: Path) -> Iterator[TextIO]:
    """A new file that only we may read: at `path` when all is written, else nowhere.

    Raises:
        OSError: no room, no right, or something is at `path` by now.
    """
    handle, name = tempfile.mkstemp(".part", f".{path.name[:40]}.", path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
