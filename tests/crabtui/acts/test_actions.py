"""The action registry: complete, without clashes, honest about what is possible."""

import pytest

from crabtui.acts import changing as change_acts
from crabtui.acts import jobs as acts
from crabtui.acts.actions import ACTIONS, BY_ID, GOING, for_footer, possible
from crabtui.acts.jobs import plan_cancel, plan_hold, plan_raise
from crabtui.acts.situation import Scope, Situation, objects
from crabtui.app import CrabApp
from crabtui.keymap import FORBIDDEN, STANDARD, clashes
from crabtui.views.flows.flow import FlowScreen
from crabtui.views.job.job import JobScreen
from crabtui.views.logs.found import FoundScreen
from crabtui.views.logs.logs import LogsScreen
from crabtui.views.makers import makers
from engine.control.messages import Cancel, Targets
from engine.control.views import JobRow
from tests.kit.fake_world import World
from tests.kit.still_clock import StillClock

DESK = CrabApp(World(StillClock()).connect)
VIEWS = [type(make()) for make in makers(DESK).values()]
SCREENS = [JobScreen, LogsScreen, FoundScreen, FlowScreen]


def a_job(state="queued", number=1, **fields):
    return JobRow(
        id=number,
        version=1,
        state=state,
        name=f"job {number}",
        queue="default",
        priority=fields.pop("priority", "normal"),
        **fields,
    )


def at(*jobs, **fields):
    fields.setdefault("scopes", (Scope.JOBS, Scope.GLOBAL))
    return Situation(jobs=jobs, count=len(jobs), **fields)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_carried_out_by_somebody(action):
    if action.plan is not None or action in GOING:
        return
    places = (*DESK.doers, *VIEWS, *SCREENS)
    assert any(hasattr(place, f"do_{action.id}") for place in places)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_view_does_what_only_its_own_scope_has(view):
    """A scope of a view's name is that view's, or the desk does it."""
    scopes = view.scopes if isinstance(view.scopes, tuple) else ()
    for action in ACTIONS:
        if action.plan is not None or action.scopes != {*scopes[:1]}:
            continue
        assert any(hasattr(place, f"do_{action.id}") for place in (*DESK.doers, view)), action


def test_no_two_actions_want_one_key_in_one_scope():
    assert clashes(ACTIONS) == []


def test_a_clash_would_be_found():
    assert clashes([BY_ID["cancel"], BY_ID["cancel"].__class__(**fields_of("x"))]) != []


def fields_of(key):
    cancel = BY_ID["cancel"]
    return {
        "id": "other",
        "keys": (key,),
        "title": "",
        "help": "",
        "scopes": cancel.scopes,
    }


def test_no_key_is_one_that_terminals_take():
    assert set(FORBIDDEN).isdisjoint(STANDARD.keys)


def test_all_keys_are_bound_in_the_app():
    bound = {binding.key for binding in CrabApp.BINDINGS}
    assert bound >= set(STANDARD.keys)


@pytest.mark.parametrize(
    ("scopes", "key", "action"),
    [
        ((Scope.JOBS, Scope.GLOBAL), "f", "follow"),
        ((Scope.LOG, Scope.DETAIL, Scope.GLOBAL), "f", "follow_log"),
        ((Scope.JOBS, Scope.GLOBAL), "plus", "raise_priority"),
        ((Scope.QUEUES, Scope.GLOBAL), "plus", "raise_limit"),
        ((Scope.DETAIL, Scope.GLOBAL), "question_mark", "help"),
    ],
)
def test_the_nearest_scope_wins_a_key(scopes, key, action):
    assert STANDARD.resolve(key, scopes).id == action


def test_a_key_that_means_nothing_here_names_where_it_does():
    assert STANDARD.resolve("O", (Scope.JOBS, Scope.GLOBAL)) is None
    assert STANDARD.elsewhere("O") == "O (out/err) works in: log"


def test_every_row_of_the_key_table_says_something():
    assert all(keys and title and text.endswith(".") for keys, title, text in STANDARD.table())


@pytest.mark.parametrize(
    ("situation", "why"),
    [
        (at(), "no job here"),
        (at(a_job("succeeded")), "#1 has ended: succeeded"),
        (at(a_job("failed"), a_job("failed", 2)), "all 2 have ended"),
        (at(a_job(), read_only=True), "read-only: :arm 10m allows acts for ten minutes"),
        (at(a_job(), link="offline"), "offline"),
        (at(a_job()), None),
        (at(a_job("failed"), a_job("running", 2)), None),
    ],
)
def test_why_a_cancel_is_not_possible(situation, why):
    assert acts.why_not_cancel(situation) == why


def test_priority_counts_only_until_the_start():
    assert "this one has" in acts.why_not_priority(at(a_job("running")))
    assert acts.why_not_priority(at(a_job("running"), a_job("queued", 2))) is None


def test_retry_is_for_what_did_not_succeed():
    assert acts.why_not_retry(at(a_job("succeeded"))) == "nothing to retry: it is succeeded"
    assert acts.why_not_retry(at(a_job("retrying"))) is None


def test_a_cancel_says_its_effects_and_asks_where_it_must():
    both = plan_cancel(at(a_job("running"), a_job("queued", 2), a_job("failed", 3)))
    assert both.confirm
    assert both.effects[0].startswith("1 running: TERM, then KILL after 5 s")
    assert "1 waiting: gone after 5 s, undone with u until then" in both.effects
    assert "1 ended: skipped" in both.effects
    assert not plan_cancel(at(a_job("queued"))).confirm
    assert plan_cancel(at(a_job("running"))).confirm


def an_array(members, number=1, state="running", **fields):
    return a_job(state, number, kind="composite", members=members, **fields)


def test_an_act_on_an_array_counts_its_members():
    sweep = an_array({"running": 3, "queued": 24, "succeeded": 3})
    cancel = plan_cancel(at(sweep))
    assert (cancel.confirm, cancel.count, cancel.typed) == (True, 27, True)
    assert cancel.title == "Cancel #1 job 1, 30 members?"
    assert "24 waiting: gone after 5 s, undone with u until then" in cancel.effects
    assert acts.plan_kill(at(sweep)).count == 27
    assert acts.plan_retry(at(an_array({"failed": 4, "queued": 2}))).count == 4
    assert change_acts.plan_edit(at(sweep), {"cpus": 2}).count == 24
    assert plan_raise(1)(at(sweep)).typed
    hold = plan_hold(at(sweep))
    assert (hold.confirm, hold.count) == (True, 24)
    assert hold.effects[0].startswith("24 waiting: cannot start until released")


def test_an_array_of_which_one_member_waits_goes_like_a_single_job():
    last = an_array({"queued": 1, "succeeded": 3})
    assert not plan_cancel(at(last)).confirm
    assert not plan_hold(at(last)).confirm
    assert plan_cancel(at(last, a_job("queued", 2))).count == 2


def test_more_than_twenty_want_their_number_typed():
    many = [a_job("queued", n) for n in range(1, 22)]
    assert plan_cancel(at(*many)).typed
    assert not plan_cancel(at(*many[1:])).typed


def test_all_that_match_are_named_by_the_query():
    plan = plan_cancel(Situation(where="queue:gpu", count=420))
    assert plan.request == Cancel(targets=Targets(where="queue:gpu"), undo_ms=5_000)
    assert plan.title == "Cancel 420 jobs that match  queue:gpu?"
    assert plan.confirm
    assert plan.typed


def test_hold_turns_into_release_when_all_are_held():
    assert plan_hold(at(a_job(held_by="ana"))).verb == "released"
    assert plan_hold(at(a_job(held_by="ana"), a_job(number=2))).verb == "held"


def test_priority_says_from_where_to_where():
    plan = plan_raise(1)(at(a_job(), a_job(number=2, priority="low")))
    assert plan.effects[0] == "low → normal, normal → high"


def test_objects_are_named_few_and_counted_many():
    assert objects(at(a_job())) == "#1 job 1"
    assert objects(at(*(a_job(number=n) for n in range(1, 6)))) == "5 jobs (#1, #2, #3, …)"


def test_the_footer_teaches_at_most_eight_keys_once_each():
    entries = for_footer(at(a_job()))
    assert len(entries) <= 8
    assert len({action.keys[0] for action in entries}) == len(entries)
    assert {"help", "command"} <= {action.id for action in entries}


def test_the_palette_has_nothing_that_is_not_possible():
    now = at(a_job(), read_only=True)
    assert not [action for action in possible(ACTIONS, now) if action.plan is not None]


SWEEP = a_job("running", kind="composite", members={"running": 2, "queued": 3, "failed": 1})


@pytest.mark.parametrize("act", ["raise_priority", "hold", "edit", "retry", "cancel", "kill"])
def test_an_array_that_runs_is_acted_on_for_its_members(act):
    assert BY_ID[act].why_not(at(SWEEP)) is None


def test_what_becomes_of_an_array_is_told_by_its_members():
    plan = acts.plan_cancel(at(SWEEP))
    assert plan.confirm
    told = " ".join(plan.effects)
    assert "2 running: TERM" in told
    assert "3 waiting: gone" in told
    assert "1 ended: skipped" in told


def test_an_array_that_only_succeeded_has_nothing_to_retry():
    done = a_job("running", kind="composite", members={"running": 1, "succeeded": 2})
    assert BY_ID["retry"].why_not(at(done)) is not None
