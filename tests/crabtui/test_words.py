"""Commands, addresses, receipts, the session and the boundary: all without a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.acts.jobs import plan_cancel, plan_raise
from crabtui.acts.receipts import receipt
from crabtui.acts.undo import undo_of
from crabtui.addresses import PANES, Address, format_address, parse_address
from crabtui.boundary import clean
from crabtui.clipboard import LIMIT, send
from crabtui.commands import parse_limit, parse_span_s
from crabtui.session import Session, load, save
from crabtui.views.job.job import PANES as JOB_PANES
from crabtui.views.jobs.look import Look
from engine.control.messages import SetPriority, Targets, Uncancel
from engine.control.views import Acted, JobRow, Result
from engine.errors import InvalidSpec
from tests.crabtui.acts.test_actions import a_job, at


@pytest.mark.parametrize(("text", "seconds"), [("10m", 600), ("90", 90), ("1h", 3600)])
def test_spans(text, seconds):
    assert parse_span_s(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "25h", "ten", "-5m", "1" * 50])
def test_wrong_spans(text):
    with pytest.raises(InvalidSpec):
        parse_span_s(text)


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "9" * 7, "٣"])
def test_wrong_limits(text):
    with pytest.raises(InvalidSpec):
        parse_limit(text)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (Address(), "jobs"),
        (Address(view="queues"), "queues"),
        (Address(job=12), "jobs/12"),
        (Address(job=12, pane="why"), "jobs/12?pane=why"),
        (Address(where="state:running queue:gpu"), "jobs?state=running&queue=gpu"),
        (Address(where="a | b", sort="name", descending=True), "jobs?q=a%20|%20b&sort=-name"),
        (Address(where="age>1m"), "jobs?q=age>1m"),
    ],
)
def test_addresses_are_read_back(address, text):
    text = text.replace("|", "%7C")
    assert format_address(address) == text
    assert parse_address(text) == address


def test_an_address_may_be_a_view_and_a_filter():
    assert parse_address("jobs state:failed queue:gpu").where == "state:failed queue:gpu"


@pytest.mark.parametrize(
    "text",
    ["jbos", "jobs/x", "jobs?foo=1", "jobs?q=((", "jobs/" + "9" * 30, "jobs?sort=-wait"],
)
def test_wrong_addresses(text):
    with pytest.raises(InvalidSpec):
        parse_address(text)


def test_a_receipt_says_what_was_done_and_what_was_not():
    acted = Acted(
        results=(
            Result(id=1, ok=True, was="queued", now="queued"),
            Result(id=2, ok=False, error="it has ended: failed"),
        ),
        matched=2,
    )
    came = receipt(plan_cancel(at(a_job())), acted)
    assert came.text == "#1 canceled; #2 skipped: it has ended: failed"
    assert came.ok


def test_nothing_done_is_not_ok():
    came = receipt(plan_cancel(at(a_job())), Acted(results=(), matched=0))
    assert (came.text, came.ok) == ("nothing matched", False)


def test_only_what_waits_can_be_had_back():
    done = (
        Result(id=1, ok=True, was="queued", now="queued"),
        Result(id=2, ok=True, was="running", now="running"),
    )
    undo = undo_of(plan_cancel(at(a_job())), done, 10.0, "said")
    assert undo is not None
    assert [i.request for i in undo.inverses] == [Uncancel(targets=Targets(ids=(1,)))]
    assert undo.is_open(14.9)
    assert not undo.is_open(15.0)


def test_priorities_go_back_to_what_each_was():
    done = (
        Result(id=1, ok=True, was="low", now="normal"),
        Result(id=2, ok=True, was="normal", now="high"),
        Result(id=3, ok=True, was="critical", now="critical"),
    )
    undo = undo_of(plan_raise(1)(at(a_job())), done, 0.0, "said")
    assert undo is not None
    assert [i.request for i in undo.inverses] == [
        SetPriority(targets=Targets(ids=(1,)), to="low"),
        SetPriority(targets=Targets(ids=(2,)), to="normal"),
    ]


def test_a_session_comes_back_and_a_broken_one_is_a_fresh_one(tmp_path):
    path = tmp_path / "a" / "session.json"
    assert load(path) == Session()
    kept = Session(view="jobs", views={"jobs": {"where": "x"}}, utc=True, filters=("x",))
    save(path, kept)
    assert load(path) == kept
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]
    path.write_bytes(b"{")
    assert load(path) == Session()
    path.write_bytes(b'{"version": 1, "where": "x"}')
    assert load(path) == Session()


def test_two_consoles_that_end_lose_none_of_what_was_typed_in_them(tmp_path):
    path = tmp_path / "session.json"
    save(path, Session(lines=("a", "b"), filters=("x",)))
    save(path, Session(lines=("c", "a"), filters=()))
    assert load(path).lines == ("b", "c", "a")
    assert load(path).filters == ("x",)


@given(st.text())
def test_nothing_that_a_terminal_obeys_passes_the_boundary(text):
    row = JobRow(
        id=1, version=1, state="queued", name=text, queue=text, priority="low", tags=(text,)
    )
    seen = clean(row)
    for shown in (seen.name, seen.queue, *seen.tags):
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)
        assert "\u202e" not in shown


def test_the_boundary_reaches_into_free_data():
    assert clean({"\x1b[2Ja": ["\x1b]0;x\x07b", {"c": "\x00"}], "n": 1}) == {
        "a": ["b", {"c": "␀"}],
        "n": 1,
    }


def test_a_text_too_long_for_a_clipboard_is_not_sent():
    sent = []
    assert "too long" in send("x" * (LIMIT + 1), sent.append, {})
    assert sent == []
    assert send("12 13", sent.append, {}) == "sent to terminal"
    assert sent == ["12 13"]


def test_chips_can_be_taken_away_one_by_one():
    look = Look(where="state:running queue:gpu", problems=True, only=(1, 2))
    assert look.chips[:2] == ("state:running", "queue:gpu")
    assert look.without(0).where == "queue:gpu"
    assert not look.without(2).problems
    assert look.without(3).only is None
    assert look.query == "(state:running queue:gpu) state:failed,timeout,retrying id:1,2"


def test_sorting_by_the_same_column_turns_it_round():
    look = Look().sorted_by("name")
    assert (look.sort, look.descending) == ("name", False)
    assert look.sorted_by("name").descending
    assert look.stepped(1).sort == "queue"


@pytest.mark.parametrize(
    ("environ", "program"),
    [
        ({"TMUX": "x"}, "tmux"),
        ({"WAYLAND_DISPLAY": "x"}, "wl-copy"),
        ({"DISPLAY": ":0"}, "xclip"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "pbcopy"),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "x"}, None),
        ({}, None),
    ],
)
def test_the_clipboard_of_this_machine_is_used_where_there_is_one(environ, program):
    ran = []

    def run(argv, data):
        ran.append((argv[0], data))
        return True

    said = send("12", lambda _: None, environ, run)
    assert ran == ([(program, b"12")] if program else [])
    assert said.startswith("sent to terminal")
    assert ("and" in said) == bool(program)


def test_a_pane_that_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(InvalidSpec, match="did you mean 'log'"):
        parse_address("jobs/12?pane=logs")
    assert tuple(dict(JOB_PANES)) == PANES
