"""What a job waits for: ids of other jobs, or maps that say how they must have ended."""

from collections.abc import Mapping
from typing import Any, Final

from engine.model.ids import JobId
from engine.model.intake.draft import Draft
from engine.model.intake.labels import one_of
from engine.model.intake.maps import Setter
from engine.model.intake.scalars import items, job_id
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word
from engine.model.workflow import After, Edge

MOST: Final = 10_000
SAID: Final = {after.value: after for after in (After.SUCCESS, After.FAILURE, After.END)}
read_after: Final = one_of("kind of edge", SAID)


def read_edge(value: Any) -> Edge:
    """`1423`, `"#1423"`, `"1423:failure"` or `{job: 1423, after: failure}`. Raises: Wrong."""
    if isinstance(value, Mapping):
        return _from_map(value)
    if isinstance(value, str) and ":" in value:
        id_, _, after = value.partition(":")
        return Edge(JobId(job_id(id_)), read_after(after))
    return Edge(JobId(job_id(value)))


def _from_map(value: Mapping[Any, Any]) -> Edge:
    for key in value:
        if key not in ("job", "after"):
            raise wrong_word("key of an edge", str(key), ("job", "after"))
    if "job" not in value:
        raise Wrong("says no job: write {job: 1423, after: failure}")
    return Edge(JobId(job_id(value["job"])), read_after(value.get("after", "success")))


def _set(draft: Draft, value: Any, key: str) -> None:
    draft.once("depends_on", key)
    draft.constraints["depends_on"] = draft.constraints["depends_otherwise"] = ()
    found: dict[JobId, After] = {}
    for place, one in enumerate(_listed(value)):
        try:
            edge = read_edge(one)
            if found.setdefault(edge.on, edge.after) is not edge.after:
                raise Wrong(f"#{edge.on} is named twice, with different ends")
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    is_usual = After.SUCCESS
    draft.constraints["depends_on"] = tuple(on for on, how in found.items() if how is is_usual)
    others = (Edge(on, how) for on, how in found.items() if how is not is_usual)
    draft.constraints["depends_otherwise"] = tuple(others)


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(items(value, "job ids", MOST))
    if isinstance(value, bool | float) or value is None:
        raise wrong_type(value, "job ids")
    return [value]


AWAITING_KEYS: Final[Mapping[str, Setter]] = {"depends_on": _set, "after": _set}
