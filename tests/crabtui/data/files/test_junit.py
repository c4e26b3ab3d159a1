"""JUnit reports: merged in any order to the same file, and never trusted."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.files.junit import merged, read_report, repeated, totals
from engine.errors import InvalidSpec

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3" time="0.05">
<testcase classname="t.a" name="one" time="0.001" />
<testcase classname="t.a" name="two" time="0.5"><failure message="no">0</failure></testcase>
<testcase classname="t.b" name="three" time="1,000.5"><skipped message="later"/></testcase>
</testsuite></testsuites>"""


def a_report(*names: str, bad: str = "") -> bytes:
    cases = "".join(
        f'<testcase classname="c" name="{name}">{"<error/>" if name == bad else ""}</testcase>'
        for name in names
    )
    return f'<testsuite name="s" tests="999">{cases}</testsuite>'.encode()


def test_tests_are_counted_one_by_one() -> None:
    counted = totals([read_report(PYTEST, "x")])
    assert (counted.tests, counted.failures, counted.errors, counted.skipped) == (3, 1, 0, 1)
    assert counted.time_s == pytest.approx(1001.001)
    assert not counted.is_good


def test_a_lie_about_the_sum_is_not_believed() -> None:
    assert totals([read_report(a_report("one"), "x")]).tests == 1


def test_no_tests_at_all_are_no_success() -> None:
    assert not totals([read_report(b"<testsuites/>", "x")]).is_good


def test_all_suites_stand_in_the_merged_report() -> None:
    reports = {1: read_report(PYTEST, "x"), 0: read_report(a_report("q", bad="q"), "y")}
    root = ElementTree.fromstring(merged(reports, "#7"))
    assert root.attrib == {
        "name": "#7", "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
        "time": "1001.001",
    }  # fmt: skip
    assert [suite.get("name") for suite in root] == ["s", "pytest"]
    again = totals([read_report(merged(reports, "#7"), "merged")])
    assert again == totals(reports.values())


@given(st.permutations(range(4)))
def test_the_order_in_which_they_come_is_nothing(order: list[int]) -> None:
    parts = {n: read_report(a_report(f"t{n}"), "x") for n in order}
    usual = {n: read_report(a_report(f"t{n}"), "x") for n in range(4)}
    assert merged(parts, "m") == merged(usual, "m")


def test_tests_that_ran_twice_are_named() -> None:
    reports = [read_report(a_report("b", "a"), "x"), read_report(a_report("a", "b", "c"), "y")]
    assert repeated(reports) == ["c::a", "c::b"]


def test_a_test_with_parameters_twice_in_one_report_was_not_repeated() -> None:
    assert repeated([read_report(a_report("a", "a"), "x")]) == []


BOMB = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><testsuite name="&b;"/>"""
FILE = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite name="&f;"/>"""


@pytest.mark.parametrize("data", [BOMB, FILE, b"<!DOCTYPE testsuite><testsuite/>"])
def test_entities_are_not_read(data: bytes) -> None:
    with pytest.raises(InvalidSpec, match="document type"):
        read_report(data, "shard 3")


@pytest.mark.parametrize(
    "data",
    [b"", b"nonsense", b"<testsuite>", PYTEST[:-20], b"\xff\xfe", b"<a/>", b"<x>&u;</x>"],
)
def test_what_is_no_report_says_where(data: bytes) -> None:
    with pytest.raises(InvalidSpec, match="shard 3"):
        read_report(data, "shard 3")


def test_an_encoding_that_nobody_knows() -> None:
    with pytest.raises(InvalidSpec, match="no XML"):
        read_report(b'<?xml version="1.0" encoding="nope"?><testsuite/>', "x")


def test_what_is_nested_without_end_is_refused() -> None:
    data = b"<testsuite>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</testsuite>"
    with pytest.raises(InvalidSpec, match="nested over 100 deep"):
        read_report(data, "s")


@pytest.mark.parametrize(
    "within",
    ["<testsuites><testsuite>{}</testsuite></testsuites>", "{}", "<testsuite>{}</testsuite>"],
)
def test_a_failure_counts_wherever_it_stands(within: str) -> None:
    case = within.format('<testcase name="x"><failure/></testcase>')
    found = read_report(f"<testsuites>{case}</testsuites>".encode(), "s")
    assert (totals([found]).tests, totals([found]).failures) == (1, 1)
    assert totals([read_report(merged({0: found}, "n"), "m")]).failures == 1
