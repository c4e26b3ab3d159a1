"""The moments that people name."""

import pytest

from engine.errors import InvalidSpec
from engine.model.when import When, exact_text, parse_when

NOON = 1_763_726_400_000_000  # 2025-11-21T12:00:00Z
SECOND = 1_000_000
LAST = SECOND - 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#88214", When(seq=88_214)),
        ("-15m", When(at=NOON - 900 * SECOND)),
        ("15m", When(at=NOON - 900 * SECOND)),
        ("11:59:58", When(at=NOON - 2 * SECOND + LAST)),
        ("12:00:01", When(at=NOON - 86_399 * SECOND + LAST)),
        ("2025-11-21T11:00", When(at=NOON - 3600 * SECOND + LAST)),
        (" 2025-11-21T12:00+02:00 ", When(at=NOON - 7200 * SECOND + LAST)),
        ("2025-11-21T11:59:59.5", When(at=NOON - SECOND // 2)),
        ("250ms", When(at=NOON - 250_000)),
    ],
)
def test_times_and_numbers(text: str, found: When) -> None:
    assert parse_when(text, NOON) == found


def test_a_time_of_day_is_read_in_the_zone_of_who_types_it() -> None:
    assert parse_when("12:59", NOON, 3600) == When(at=NOON - 60 * SECOND + LAST)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "#", "#x", "-12:00", "99:00", "#1.5", "--5m"]
)
def test_what_names_no_moment_is_told_how_it_is_written(text: str) -> None:
    with pytest.raises(InvalidSpec, match=r"is no moment: write 13:46:58, .* or #88214"):
        parse_when(text, NOON)


@pytest.mark.parametrize("at", [NOON, NOON + 5, NOON - 1])
def test_an_exact_instant_is_read_back(at: int) -> None:
    found = parse_when(exact_text(at), NOON)
    assert found == When(at=at if at % SECOND else at + LAST)
