"""JUnit reports: read without trust, and merged into one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

from engine.errors import InvalidSpec

MOST_BYTES: Final = 64 * 2**20

DEEPEST: Final = 100
"""Elements within elements; real reports have a handful."""

_HOLDERS: Final = ("testsuite", "testsuites", "testcase")
_ENDS: Final = ("failure", "error", "skipped")
_FIELD: Final = {"failure": "failures", "error": "errors", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class Report:
    """What one program said of its tests."""

    suites: tuple[ElementTree.Element, ...]

    @property
    def cases(self) -> list[ElementTree.Element]:
        """Every test, in the report's order."""
        return [case for suite in self.suites for case in suite.iter("testcase")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Tests, counted one by one: what reports say of their sums is not believed."""

    tests: int = 0
    failures: int = 0
    errors: int = 0
    skipped: int = 0
    time_s: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether there were tests, and none failed."""
        return self.tests > 0 and not self.failures and not self.errors


def read_report(data: bytes, where: str) -> Report:
    """A report.

    Args:
        data: The file. Documents that define entities, or name others, are refused.
        where: What to call it in errors.

    Raises:
        InvalidSpec: it is none.
    """
    if len(data) > MOST_BYTES:
        raise InvalidSpec(f"{where}: is larger than {MOST_BYTES // 2**20} MB", field="junit")
    try:
        _must_be_plain(data, where)
        root = ElementTree.fromstring(data)  # noqa: S314 - no entities are left to expand
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as torn:
        raise InvalidSpec(f"{where}: is no XML: {torn}", field="junit") from None
    if root.tag == "testsuite":
        return Report((root,))
    if root.tag == "testsuites":
        return Report(tuple(one for one in root if one.tag in _HOLDERS))
    raise InvalidSpec(
        f"{where}: is no JUnit report: it begins with <{root.tag[:60]}>", field="junit"
    )


def _must_be_plain(data: bytes, where: str) -> None:
    """Raises: InvalidSpec, for a document type: entities and other files come by it; and for
    a depth that whoever walks through it would not survive.
    """
    depth = 0

    def refuse(*_: object) -> None:
        raise InvalidSpec(f"{where}: has a document type, and is not read", field="junit")

    def begin(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise InvalidSpec(f"{where}: is nested over {DEEPEST} deep", field="junit")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data, True)


def totals(reports: Iterable[Report]) -> Totals:
    """All tests of these together."""
    counts: Counter[str] = Counter()
    time_s = 0.0
    for case in (case for report in reports for case in report.cases):
        counts["tests"] += 1
        counts.update(_FIELD[end] for end in _ENDS if case.find(end) is not None)
        time_s += _seconds(case.get("time"))
    return Totals(**counts, time_s=time_s)


def repeated(reports: Iterable[Report]) -> list[str]:
    """Tests that stand in more than one report, sorted: then they were not split."""
    seen: Counter[str] = Counter()
    for report in reports:
        seen.update({_name(case) for case in report.cases})
    return sorted(name for name, times in seen.items() if times > 1)


def merged(reports: Mapping[int, Report], name: str) -> bytes:
    """One report of all, in the order of their keys, whatever order they came in."""
    ordered = [reports[key] for key in sorted(reports)]
    root = ElementTree.Element("testsuites", {"name": name, **_attributes(totals(ordered))})
    for report in ordered:
        root.extend(report.suites)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _attributes(counted: Totals) -> dict[str, str]:
    return {
        "tests": str(counted.tests),
        "failures": str(counted.failures),
        "errors": str(counted.errors),
        "skipped": str(counted.skipped),
        "time": f"{counted.time_s:.3f}",
    }


def _name(case: ElementTree.Element) -> str:
    return "::".join(part for part in (case.get("classname"), case.get("name")) if part)


def _seconds(text: str | None) -> float:
    try:
        seconds = float((text or "0").replace(",", ""))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0
