"""Acts of operators in words: what was wanted, what came of it, and in which order."""

import pytest

from crabtui.data.admin.audit_lines import AuditRow, counted, described, rows_of, told_of
from crabtui.data.job.receipt_lines import receipt_lines
from engine.control.views import ActProgress, ActView, ReceiptPage, Result
from engine.model.events import Event, EventType
from engine.model.ids import Seq

S = 1_000_000


def an_act(verb: str, **fields: object) -> ActView:
    return ActView(**{"seq": 9, "at": 60 * S, "by": "ana", "verb": verb, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (an_act("cancel", asked={"ids": [12, 13]}, total=2), "cancel #12 #13"),
        (an_act("hold", asked={"ids": [1, 2, 3, 4, 5, 6]}, total=6), "hold 6 jobs"),
        (
            an_act("cancel", asked={"where": "tag:x", "seq": 8, "undo_ms": 5}, total=9),
            "cancel 9 jobs of 'tag:x'",
        ),
        (an_act("set_queue", asked={"name": "gpu", "limit": 3}), "set queue gpu limit=3"),
        (an_act("act_on_worker", asked={"name": "w", "act": "declare_dead"}), "declare-dead w"),
        (an_act("set_array", asked={"id": 4, "limit": 2}), "set array #4 limit=2"),
        (
            an_act("edit", asked={"ids": [4], "changes": "x" * 90}),
            f"edit #4 changes={'x' * 59}…",
        ),
        (
            an_act(
                "add_cron", asked={"name": "n", "spec": "@daily", "cwd": "/", "env": {"A": 1}}
            ),
            "add cron n spec=@daily",
        ),
    ],
)
def test_what_was_wanted(act: ActView, words: str) -> None:
    assert described(act) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"changed": 1}, "1 changed"),
        ({"unchanged": 2}, "2 as they were"),
        (
            {"changed": 1200, "refused": 3, "left": 7, "stopped": True},
            "1,200 changed, 3 refused, 7 left alone, stopped",
        ),
        ({"refused": 1, "error": "no route"}, "1 refused, no route"),
        ({}, "nothing to do"),
    ],
)
def test_what_came_of_it(fields: dict[str, object], words: str) -> None:
    assert counted(an_act("cancel", **fields)) == words


def test_an_event_says_the_same_and_one_of_another_version_nothing() -> None:
    data: dict[str, object] = {"verb": "hold", "asked": {"ids": [4]}, "changed": 1, "own": 1}
    event = Event(seq=Seq(9), at=0, type=EventType.OPERATOR_ACTED, data=data)
    assert told_of(event) == "hold #4: 1 changed"
    assert told_of(Event(seq=Seq(9), at=0, type=EventType.OPERATOR_ACTED)) == ""


def test_the_newest_comes_first_and_the_one_that_u_takes_back_is_marked() -> None:
    own = AuditRow(key="own", at=70 * S, by="this console", what="Hold", outcome="not held")
    acts = [
        an_act("hold", client="console"),
        an_act("hold", seq=8, at=50 * S, client="console"),
    ]
    rows = rows_of(acts, [own], undone_at=61 * S)
    assert [row.key for row in rows] == ["own", "#9", "#8"]
    assert [row.has_undo for row in rows] == [False, True, False]
    assert not any(row.has_undo for row in rows_of(acts, [own], undone_at=200 * S))
    assert not any(row.has_undo for row in rows_of(acts, [own]))


def test_a_receipt_says_how_many_there_are_beyond_it() -> None:
    progress = ActProgress(
        key="", verb="hold", total=9, changed=8, unchanged=0, refused=1, ended=True
    )
    results = (
        Result(id=4, ok=False, error="#4 has ended"),
        Result(id=5, ok=True, was="queued", now="queued, held"),
        Result(id="gpu", ok=True, now="paused"),
    )
    page = ReceiptPage(progress=progress, results=results, offset=0, total=9)
    [row] = rows_of([an_act("hold", why="later", changed=8, refused=1)], [])
    text = ["".join(cell for cell, _ in line).rstrip() for line in receipt_lines(row, page)(60)]
    assert text[0] == " ana  later"
    assert text[3:6] == [
        " ✗ #4           has ended",
        " ✓ #5           queued → queued, held",
        " ✓ gpu          paused",
    ]
    assert text[-1] == " … and 6 more: crabtui audit --receipt 9"
