"""Who gets which key: clashes are found before anything is bound."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.acts.action import an_action
from crabtui.acts.plan import Plan
from crabtui.acts.situation import Scope
from crabtui.data.keys.keyfile import KeyFile, Wish
from crabtui.keyplan import plan_keys
from engine.control.messages import ListWorkers

CHAINS = [
    (Scope.LOG, Scope.DETAIL, Scope.GLOBAL),
    (Scope.JOBS, Scope.TABLE, Scope.GLOBAL),
    (Scope.WORKERS,),
]


def a_plan(_):
    return Plan(verb="", title="", request=ListWorkers())


ACTIONS = [
    an_action("cancel", "x", "cancel", "", Scope.JOBS, why_not=lambda _: None, plan=a_plan),
    an_action("retry", "r", "retry", "", Scope.JOBS, why_not=lambda _: None, plan=a_plan),
    an_action("sort", "s", "sort", "", Scope.JOBS),
    an_action("search", "slash", "search", "", Scope.LOG),
    an_action("pane", "tab", "pane", "", Scope.DETAIL),
    an_action("reconnect_worker", "R", "reconnect", "", Scope.WORKERS),
    an_action("reconnect", "R", "reconnect", "", Scope.GLOBAL),
    an_action("help", "question_mark", "help", "", Scope.GLOBAL),
]


def plan(*wishes):
    return plan_keys(KeyFile(wishes=wishes), ACTIONS)


def wish(action, *keys, line=1):
    return Wish(action, keys, f"keys.toml:{line}")


def test_a_wish_is_had():
    keys, faults = plan(wish("cancel", "f9", "x"))
    assert keys["cancel"] == ("f9", "x")
    assert keys["sort"] == ("s",)
    assert faults == ()


def test_a_key_that_another_has_in_the_same_place_is_refused():
    keys, faults = plan(wish("cancel", "r"))
    assert keys["cancel"] == ("x",)
    assert faults == ("keys.toml:1: cancel: r is the key of retry (retry)",)


def test_two_may_swap_their_keys():
    keys, faults = plan(wish("cancel", "r"), wish("retry", "x"))
    assert (keys["cancel"], keys["retry"]) == (("r",), ("x",))
    assert faults == ()


def test_of_two_that_want_the_same_the_later_is_refused():
    keys, faults = plan(wish("cancel", "b"), wish("sort", "b", line=2))
    assert keys["cancel"] == ("b",)
    assert keys["sort"] == ("s",)
    assert faults == ("keys.toml:2: sort: b is the key of cancel (cancel)",)


def test_a_key_of_everywhere_may_not_be_hidden():
    keys, faults = plan(wish("sort", "question_mark"))
    assert keys["sort"] == ("s",)
    assert "? is the key of help" in faults[0]


def test_scopes_that_are_heard_together_clash_and_others_do_not():
    assert plan(wish("search", "tab"))[1] == (
        "keys.toml:1: search: tab is the key of pane (pane)",
    )
    assert plan(wish("reconnect_worker", "x"))[1] == ()


def test_what_shares_a_key_from_the_start_may_go_on_to():
    keys, faults = plan(wish("reconnect", "f5"), wish("reconnect_worker", "f5"))
    assert keys["reconnect"] == keys["reconnect_worker"] == ("f5",)
    assert faults == ()


def test_no_chord_with_ctrl_changes_anything():
    keys, faults = plan(wish("cancel", "ctrl+x"), wish("sort", "ctrl+o"))
    assert keys["cancel"] == ("x",)
    assert keys["sort"] == ("ctrl+o",)
    assert faults == ("keys.toml:1: cancel: changes something, so ctrl+x is not for it",)


def test_the_way_to_help_cannot_be_lost():
    keys, faults = plan(wish("help"), wish("sort"))
    assert keys["help"] == ("question_mark",)
    assert keys["sort"] == ()
    assert faults == ("keys.toml:1: help: needs a key",)


KEYS = st.sampled_from(["x", "r", "s", "R", "f1", "f2", "slash", "tab", "question_mark"])
WISHES = st.lists(
    st.builds(
        lambda action, keys: Wish(action.id, tuple(dict.fromkeys(keys)), "k:1"),
        st.sampled_from(ACTIONS),
        st.lists(KEYS, max_size=3),
    ),
    max_size=12,
    unique_by=lambda wish: wish.action,
)


@given(WISHES)
def test_whatever_is_wished_no_key_means_two_things_at_one_place(wishes):
    keys, _ = plan(*wishes)
    for chain in CHAINS:
        heard = [a for a in ACTIONS if a.scopes & set(chain)]
        owners = [(key, action.id) for action in heard for key in keys[action.id]]
        seen = [key for key, _ in owners]
        assert len(seen) == len(set(seen)), owners


@given(WISHES)
def test_a_wish_is_had_or_told(wishes):
    keys, faults = plan(*wishes)
    for each in wishes:
        assert keys[each.action] == each.keys or any(f" {each.action}: " in f for f in faults)
