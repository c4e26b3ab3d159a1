"""What if and why, on the command line: what is asked, what is printed, how it exits."""

import json
from typing import Any

import pytest

from engine.control.messages import Apply, Explain, ListReasons, Targets, WhatIf
from engine.control.views import (
    Applied,
    Explanation,
    HolderView,
    MovedView,
    Preview,
    ReasonsView,
    ReasonView,
    Result,
    ShortView,
)
from engine.errors import NotAllowed, StaleLease
from engine.model.reasons import Gate, GateKind
from tests.crabtui.cli.conftest import Crab
from tests.kit.fake_door import FakeDoor

MOVED = MovedView(
    id=12,
    name="train",
    queue="gpu",
    was_place=None,
    place=1,
    was_starts_ms=None,
    starts_ms=0,
    worker="local",
)
PREVIEW = Preview(
    act="priority #12 high",
    token="eyJh",
    earlier=(MOVED,),
    later=(),
    unchanged=7,
    grants=8,
    assumed_ms=60_000,
)
IT = Targets(ids=(12,))


@pytest.mark.parametrize(
    ("words", "ask"),
    [
        ("priority 12 high", WhatIf(act="priority", targets=IT, to="high")),
        ("cancel 12", WhatIf(act="cancel", targets=IT)),
        ("hold #12", WhatIf(act="hold", targets=IT)),
        ("release 12", WhatIf(act="release", targets=IT)),
        (
            "edit 12 --queue gpu --cpus 2 --priority low --clear deadline",
            WhatIf(
                act="edit",
                targets=IT,
                changes={"deadline": None, "queue": "gpu", "cpus": "2", "priority": "low"},
            ),
        ),
        ("drain w1", WhatIf(act="drain", name="w1")),
        ("worker resume w1", WhatIf(act="resume_worker", name="w1")),
        (
            "worker add --cpus 4 --label gpu",
            WhatIf(act="add_worker", worker={"cpus": "4", "labels": ["gpu"]}),
        ),
        ("limit gpu 3", WhatIf(act="limit", name="gpu", limit=3)),
        ("limit gpu none", WhatIf(act="limit", name="gpu")),
        ("weight gpu 2", WhatIf(act="weight", name="gpu", limit=2)),
        ("pause gpu", WhatIf(act="pause", name="gpu")),
        ("resume gpu", WhatIf(act="resume", name="gpu")),
    ],
)
def test_words_become_the_request(crab: Crab, door: FakeDoor, words: str, ask: WhatIf) -> None:
    door.answers[WhatIf] = PREVIEW
    ran = crab("whatif", *words.split())
    assert (ran.code, ran.err) == (0, "")
    assert door.asked(WhatIf) == [ask]


def test_a_preview_says_who_moves_and_how_to_do_it(crab: Crab, door: FakeDoor) -> None:
    door.answers[WhatIf] = PREVIEW
    ran = crab("whatif", "priority", "12", "high")
    assert ran.out.splitlines()[:2] == [
        "if: priority #12 high",
        "1 earlier, 0 later, 7 as before, of the next 8 grants",
    ]
    assert "earlier  #12  train  gpu    - → 1  not in sight → now  local" in ran.out
    assert ran.out.splitlines()[-1] == "to do it: crabtui whatif --apply eyJh"
    assert "only" not in ran.out


def test_a_preview_that_broke_off_says_how_far_it_looked(crab: Crab, door: FakeDoor) -> None:
    values: dict[str, Any] = {name: getattr(PREVIEW, name) for name in ("act", "earlier")}
    door.answers[WhatIf] = Preview(
        **values,
        token="",
        later=(),
        unchanged=7,
        grants=8,
        assumed_ms=60_000,
        looked_ms=120_000,
    )
    ran = crab("whatif", "priority", "12", "high")
    assert "(of the next 2m" in ran.out
    assert "only" in ran.out
    assert "--apply" not in ran.out


def test_what_is_applied_says_what_became_of_it(crab: Crab, door: FakeDoor) -> None:
    done = Result(id=12, ok=True, was="normal", now="high")
    door.answers[Apply] = Applied(act=PREVIEW.act, results=(done,), preview=PREVIEW)
    ran = crab("whatif", "--apply", "eyJh")
    assert (ran.code, ran.out) == (0, "done: priority #12 high\n#12 normal → high\n")
    assert door.asked(Apply) == [Apply(token="eyJh")]


def test_a_refusal_in_what_was_applied_makes_it_three(crab: Crab, door: FakeDoor) -> None:
    refused = Result(id=12, ok=False, error="it has ended")
    door.answers[Apply] = Applied(act=PREVIEW.act, results=(refused,), preview=PREVIEW)
    assert crab("whatif", "--apply", "eyJh").code == 3
    assert crab("--json", "whatif", "--apply", "eyJh").code == 3


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_state_that_moved_is_a_refusal_and_says_what(
    crab: Crab, door: FakeDoor, as_json: tuple[str, ...]
) -> None:
    door.answers[Apply] = StaleLease("nothing was done, for the state has moved: #12 changed")
    ran = crab(*as_json, "whatif", "--apply", "eyJh")
    assert ran.code == 3
    assert "nothing was done, for the state has moved: #12 changed" in ran.out + ran.err


@pytest.mark.parametrize(
    "words", [[], ["priority", "12"], ["edit", "12"], ["limit", "gpu", "-1"], ["explode"]]
)
def test_what_says_too_little_asks_nothing(
    crab: Crab, door: FakeDoor, words: list[str]
) -> None:
    ran = crab("whatif", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err
    assert door.asked(WhatIf) == []


def test_what_cannot_be_done_is_three(crab: Crab, door: FakeDoor) -> None:
    door.answers[WhatIf] = NotAllowed("#12 has ended: failed")
    ran = crab("whatif", "edit", "12", "--cpus", "1")
    assert ran.code == 3
    assert "#12 has ended: failed" in ran.err


REASON = ReasonView(
    kind="fit",
    queue="gpu",
    text="no room: asks 2 cpu",
    count=12_345,
    is_exact=True,
    oldest_at=1_700_000_000_000_000,
    first=12,
    priorities={"high": 3},
    remedy="crabtui wait 4",
)


def test_reasons_are_counted_with_their_remedies(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListReasons] = ReasonsView(reasons=(REASON,), waiting=12_345)
    ran = crab("reasons", "--queue", "gpu")
    assert ran.code == 0
    [row] = ran.out.splitlines()[1:]
    assert row.split()[:3] == ["12,345", "fit", "gpu"]
    assert row.endswith("#12    no room: asks 2 cpu  crabtui wait 4")
    assert door.asked(ListReasons) == [ListReasons(queue="gpu")]
    assert crab("explain", "--queue", "gpu").out == ran.out
    [told] = json.loads(crab("--json", "reasons").out)["reasons"]
    assert (told["kind"], told["count"]) == ("fit", 12_345)


def test_where_nothing_waits_it_says_so(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListReasons] = ReasonsView(reasons=(), waiting=0)
    assert crab("reasons").out == "nothing waits\n"


def test_why_not_tells_gates_holders_and_workers(crab: Crab, door: FakeDoor) -> None:
    gate = Gate(
        kind=GateKind.FIT,
        ok=False,
        text="no room: asks 2 cpu; `local` has 1 free",
        holders=(4,),
        remedy="crabtui wait 4",
    )
    holder = HolderView(
        id=4,
        name="train",
        priority="low",
        worker_id="local",
        started_at=None,
        ends_at=None,
        ends_by="",
    )
    short = ShortView(worker="local", text="1 cpu short", lacks={"cpu_milli": (2000, 1000)})
    door.answers[Explain] = Explanation(
        job=12,
        state="queued",
        gates=(gate,),
        place=1,
        holders=(holder,),
        short=(short,),
    )
    ran = crab("explain", "12")
    assert ran.code == 0
    for line in ("held by #4", "→ crabtui wait 4", "local             1 cpu short"):
        assert line in ran.out
    assert json.loads(crab("--json", "explain", "12").out)["gates"][0]["ok"] is False
    assert crab("explain").code == 2
