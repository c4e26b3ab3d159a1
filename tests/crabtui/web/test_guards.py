"""Who is let in, as pure answers."""

import pytest

from crabtui.web.guards import Guard

GUARD = Guard(8273)
OURS = {"Host": "127.0.0.1:8273", "Origin": "http://127.0.0.1:8273"}


def test_our_own_page_may_talk():
    assert GUARD.refusal(OURS, speaks=True) == ""
    localhost = {"Host": "LocalHost:8273", "Origin": "http://localhost:8273"}
    assert GUARD.refusal(localhost, speaks=True) == ""


@pytest.mark.parametrize(
    "host",
    ["", "127.0.0.1", "127.0.0.1:80", "evil.example:8273", "127.0.0.1.evil.example:8273"],
)
def test_a_name_that_is_not_ours_is_refused(host):
    """As after a name was bent to this machine."""
    assert "no address" in GUARD.refusal(
        {"Host": host, "Origin": f"http://{host}"}, speaks=False
    )


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1:8273",
        "http://127.0.0.1:9999",
        "http://localhost:8273",
        "",
    ],
)
def test_another_page_may_not_talk(origin):
    assert "another page" in GUARD.refusal({**OURS, "Origin": origin}, speaks=True)


def test_who_does_not_say_where_it_is_from_may_look_at_most():
    silent = {"Host": "127.0.0.1:8273"}
    assert GUARD.refusal(silent, speaks=False) == ""
    assert "only pages" in GUARD.refusal(silent, speaks=True)


def test_a_token_lets_one_in_once():
    guard = Guard(1)
    first = guard.token
    assert guard.admit("nonsense") is None
    visitor = guard.admit(first)
    assert guard.knows(visitor)
    assert guard.admit(first) is None, "it is used up"
    assert guard.admit(guard.token) not in (None, visitor), "the next one lets another in"


def test_nobody_else_is_known():
    guard = Guard(1)
    guard.admit(guard.token)
    for visitor in (None, "", "nonsense", "ä", guard.token):
        assert not guard.knows(visitor)


def test_two_servers_keep_their_cookies_apart():
    assert Guard(1).cookie != Guard(2).cookie
