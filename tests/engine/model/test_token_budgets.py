"""Budgets of tokens as they are said: a whole number, at least one."""

from typing import Any

import pytest

from engine.errors import InvalidSpec
from engine.model.intake import read_job


@pytest.mark.parametrize(
    ("said", "most"),
    [({"max_tokens": 5}, 5), ({"resources": {"max_tokens": 7}}, 7), ({}, None)],
)
def test_a_budget_is_read(said: dict[str, Any], most: int | None) -> None:
    assert read_job({"argv": ["a"], **said}, None, owner="ana").max_tokens == most


@pytest.mark.parametrize("said", [0, -1, 1.5, "many", True, 10**15])
def test_what_is_no_budget_is_refused_by_name(said: object) -> None:
    with pytest.raises(InvalidSpec, match="max_tokens"):
        read_job({"argv": ["a"], "max_tokens": said}, None, owner="ana")
