"""What a view keeps of itself from one start to the next, and how it goes to an address."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from crabtui.addresses import Address
from crabtui.data.table.arranging import (
    AUTOMATIC,
    Arrangement,
    format_arrangement,
    parse_arrangement,
)
from crabtui.data.table.group_lines import GROUPS
from crabtui.views.jobs.look import Look
from crabtui.views.split import PLACES
from engine.errors import InvalidSpec
from engine.model.filter import parse
from engine.model.sorts import SORTS

if TYPE_CHECKING:
    from crabtui.views.split import PreviewSplit


@runtime_checkable
class Keeps(Protocol):
    """A view that is found as it was left."""

    @property
    def kept(self) -> Mapping[str, Any]:
        """Filter, sort, columns, panes: JSON values. Never marks."""
        ...

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Be as this says, before the view is mounted; what makes no sense is passed over."""
        ...


@runtime_checkable
class Placed(Protocol):
    """A view whose addresses say more than its name."""

    def look_at(self, place: Address) -> None:
        """Look at the list as the address says; it may not be mounted yet."""
        ...


class KeptJobs:
    """The filter, sort and preview of a list of jobs."""

    if TYPE_CHECKING:
        look: Look
        split: PreviewSplit
        is_mounted: bool

        def turn(self, look: Look) -> None: ...

    @property
    def kept(self) -> Mapping[str, Any]:
        """How the list is looked at; of what narrows it for a moment nothing."""
        look = self.look
        return {
            "where": look.where,
            "sort": look.sort,
            "descending": look.descending,
            "problems": look.problems,
            "group": look.group,
            "columns": format_arrangement(look.columns),
            "wide": look.columns.wide,
            "preview": self.split.wish,
        }

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Be as it was left, as far as that still means something."""
        where, sort = kept.get("where"), kept.get("sort")
        self.look = Look(
            where=where if isinstance(where, str) and _is_filter(where) else "",
            sort=sort if sort in SORTS else "activity",
            descending=kept.get("descending") is True,
            problems=kept.get("problems") is True,
            group=group if (group := kept.get("group")) in GROUPS else "",
            columns=replace(_columns(kept.get("columns")), wide=kept.get("wide") is True),
        )
        if kept.get("preview") in PLACES:
            self.split.wish = kept["preview"]

    def look_at(self, place: Address) -> None:
        """Filter and sort as the address says."""
        look = Look(
            where=place.where, sort=place.sort or "activity", descending=place.descending
        )
        if self.is_mounted:
            self.turn(look)
        else:
            self.look = look


def _columns(text: object) -> Arrangement:
    try:
        return parse_arrangement(text) if isinstance(text, str) else AUTOMATIC
    except InvalidSpec:
        return AUTOMATIC


def _is_filter(text: str) -> bool:
    try:
        parse(text)
    except InvalidSpec:
        return False
    return True
