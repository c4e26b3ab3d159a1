"""The filter's own regular expressions: as Python's where both know the pattern."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.model.filter.regex import check_regex, regex_found

atoms = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\w", r"\S", "^", "$", "-", r"\.", "[]a]"]
)
patterns = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,}", "*?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
    ),
    max_leaves=6,
)


@given(patterns, st.text("ab1.-", max_size=8))
@settings(max_examples=600, deadline=None)
def test_it_finds_what_pythons_finds(pattern, text):
    assert regex_found(pattern, text) == bool(re.search(pattern.replace("$", r"\Z"), text))


def refused(pattern):
    with pytest.raises(InvalidSpec) as caught:
        check_regex(pattern, 7)
    assert caught.value.details["at"] == 7


@pytest.mark.parametrize(
    "pattern",
    ["(a", "a)", "*a", "a**", "a{3", "a{5,2}", "a{1,999}", "[a", "[z-a]", "\\"],
)
def test_what_is_wrong_is_refused(pattern):
    refused(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"\1", r"\b", "(?=a)", "(?P<x>a)", "((((a{99}){99}){99}){99})", "a" * 201, "(" * 30],
)
def test_what_is_outside_the_subset_is_refused(pattern):
    refused(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a|a)*b", "(a*)*b", ".*.*.*.*.*.*x", "(x|xx|a+)*y", "(a?){50}(a){50}b"]
)
def test_no_pattern_is_slow(pattern):
    check_regex(pattern, 1)
    began = time.process_time()
    assert not regex_found(pattern, "a" * 2_000)
    assert time.process_time() - began < 2.0


def test_only_the_beginning_of_a_long_text_is_searched():
    assert regex_found("b", "a" * 1_999 + "b")
    assert not regex_found("b", "a" * 2_000 + "b")
