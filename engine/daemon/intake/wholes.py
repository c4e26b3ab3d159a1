"""What comes in with jobs: the arrays and flows that they are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.model.array import Array
from engine.model.workflow import Flow
from engine.store.protocol import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Wholes:
    """All that is new besides the jobs of a submission."""

    arrays: Sequence[Array] = ()
    flows: Sequence[Flow] = ()
    definitions: Sequence[tuple[str, bytes]] = ()
    """(digest, JSON) of what the flows were made from."""
    drafts: Sequence[Draft] = ()
    """Events that tell of them."""


NO_WHOLES: Final = Wholes()
