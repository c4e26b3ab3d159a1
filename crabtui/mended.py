"""A view that fails at what it is told costs a picture, not the console its life."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crabtui.data.sanitize import sanitize

if TYPE_CHECKING:
    from crabtui.desk import Desk


@contextmanager
def mended(desk: "Desk") -> Iterator[None]:
    """Say what failed inside, and go on: the next answer may well be shown."""
    try:
        yield
    except Exception as error:
        desk.log.error(traceback.format_exc())
        desk.complain(
            "view", sanitize(f"this view failed: {error!r}; ctrl+r looks again")[:300]
        )
    else:
        desk.is_well("view")
