"""Text in exactly so many cells: cut at its end, or in its middle."""

import pytest

from crabtui.data.fitting import cells, fit_middle


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("a-very-long-prefix-01", 10, "a-ver…x-01"),
        ("short", 10, "short     "),
        ("exactly-10", 10, "exactly-10"),
        ("abcdef", 3, "ab…"),
        ("abcdef", 0, ""),
        ("глубина-глубин", 10, "глубина-г…"),
    ],
)
def test_what_is_cut_goes_from_the_middle(text: str, width: int, shown: str) -> None:
    assert fit_middle(text, width) == shown
    assert cells(shown) == width
