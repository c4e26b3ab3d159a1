"""Suggestions for the filter prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.suggest import field_typed, suggest
from engine.errors import InvalidSpec
from engine.model.filter import FIELDS, parse

VALUES = {
    "queue": {"default": 9, "gpu big": 5, "aqua": 1},
    "worker": {"local": 3},
    "tag": {"a:b": 2},
}


def after(text):
    """The texts that result from taking each suggestion at the end of `text`."""
    return [text[: s.start] + s.text + text[s.end :] for s in suggest(text, len(text), VALUES)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("st", ["state:"]),
        ("a | (-wor", ["a | (-worker:"]),
        ("state", ["state:", "state!="]),
        ("state:run", ["state:running"]),
        ("state:queued,run", ["state:queued,running"]),
        ("queue:", ["queue:default", 'queue:"gpu big"', "queue:aqua"]),
        ("queue:a", ["queue:aqua", "queue:default"]),
        ('queue:"gp', ['queue:"gpu big"']),
        ("tag:", ['tag:"a:b"']),
        ("host:l", ["host:local"]),
        ("meta", ["meta."]),
        ("prio>=h", ["prio>=high"]),
        ("age", ["age>", "age<", "age>="]),
        ("since:1", ["since:10m", "since:1h", "since:1d"]),
    ],
)
def test_the_likeliest_come_first(text, first):
    found = after(text)
    assert found[: len(first)] == first


def test_an_empty_prompt_offers_every_field():
    offered = {s.text.rstrip(":>.") for s in suggest("", 0, VALUES)}
    assert offered == set(FIELDS)
    assert all(s.hint for s in suggest("", 0, VALUES))


@pytest.mark.parametrize(
    "text", ['"ab st', "/re", "state:running", "name~st", "42", "nofield:x"]
)
def test_where_nothing_is_known_nothing_is_said(text):
    assert suggest(text, len(text), VALUES) == []


def test_what_stands_after_the_cursor_stays():
    (found,) = suggest("st queue:a", 2, VALUES)
    assert (found.start, found.end) == (0, 2)


@pytest.mark.parametrize(
    "text", ["state:", "queue:", "tag:x,", "held:", "since:", "age>", "wait>", "run<", "kind:"]
)
def test_every_suggested_value_parses(text):
    for completed in after(text):
        parse(completed)


@given(st.text(max_size=30), st.integers(0, 30))
def test_no_prompt_breaks_it(text, cursor):
    for found in suggest(text, min(cursor, len(text)), VALUES):
        assert 0 <= found.start <= found.end <= len(text)


def test_an_unknown_word_is_refused_by_the_parser_only():
    with pytest.raises(InvalidSpec):
        parse("nofield:x")


def test_values_come_with_how_many_jobs_have_them():
    found = suggest("queue:", 6, VALUES)
    assert [(s.text, s.count) for s in found] == [
        ("default", 9),
        ('"gpu big"', 5),
        ("aqua", 1),
    ]
    assert [s.count for s in suggest("state:run", 9, VALUES)] == [None]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("queue:gp", ("queue", "gp")),
        ('a | (host:"x', ("worker", "x")),
        ("tag:a,b", ("tag", "b")),
        ("queue", None),
        ("name~x", None),
        ("meta.a:x", None),
        ("nofield:x", None),
    ],
)
def test_the_value_that_is_typed_is_known(text, typed):
    found = field_typed(text, len(text))
    assert (found and (found.field, found.begun)) == typed
