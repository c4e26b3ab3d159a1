"""Contexts merge, options are checked, stages run in line."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from engine.stages import StageContext, StageProblem, check_options, run_inline

DESCRIBED = {
    "name": "measure",
    "required": ["runs"],
    "optional": ["seed"],
    "types": {"runs": "integer", "seed": ["integer", "null"]},
}


class Measure:
    def describe(self, opts: Mapping[str, Any]) -> Mapping[str, Any]:
        return DESCRIBED

    def run(self, context: StageContext, opts: Mapping[str, Any]) -> StageContext:
        return context.with_metrics(runs=opts["runs"]).assign(by="measure")


class Wrong(Measure):
    def run(self, context: StageContext, opts: Mapping[str, Any]) -> Any:
        return {}


def test_a_stage_in_line_returns_another_context() -> None:
    before = StageContext(experiment_id="e", metrics={"a": 1})
    after = run_inline(Measure(), before, {"runs": 3})
    assert before.metrics == {"a": 1}
    assert after.metrics == {"a": 1, "runs": 3}
    assert after.completed_stages == ("measure",)
    assert run_inline(Measure(), after, {"runs": 4}).completed_stages == ("measure",)


def test_what_returns_no_context_is_no_stage() -> None:
    with pytest.raises(TypeError, match="measure returned dict"):
        run_inline(Wrong(), StageContext(), {"runs": 1})


def test_merging_keeps_order_and_the_later_word_counts() -> None:
    one = StageContext(
        metrics={"a": 1, "b": 1}, outputs={"x": 1}, completed_stages=("p", "q"), run_id="r"
    )
    two = StageContext(
        metrics={"b": 2}, artifacts={"f": "g"}, assigns={"k": 1}, completed_stages=("q", "s")
    )
    merged = one.merge(two)
    assert merged.metrics == {"a": 1, "b": 2}
    assert (merged.outputs, merged.artifacts, merged.assigns) == (
        {"x": 1},
        {"f": "g"},
        {"k": 1},
    )
    assert merged.completed_stages == ("p", "q", "s")
    assert merged.run_id == "r"
    assert StageContext.from_dict(merged.to_dict()) == merged


@pytest.mark.parametrize(
    ("opts", "words"),
    [
        ({}, "option 'runs' is missing"),
        ({"runs": "x"}, "option 'runs' must be integer"),
        ({"runs": True}, "option 'runs' must be integer"),
        ({"runs": 1, "sed": 2}, "did you mean 'seed'?"),
        ({"runs": 1, "seed": "x"}, "option 'seed' must be integer or null"),
    ],
)
def test_options_are_checked(
    opts: dict[str, Any], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StageProblem) as wrong:
        check_options(DESCRIBED, opts, "error")
    assert words in wrong.value.message
    assert check_options(DESCRIBED, opts, "off") == []
    with caplog.at_level(logging.WARNING):
        assert len(check_options(DESCRIBED, opts, "warn")) == 1
    assert words in caplog.text


def test_right_options_pass() -> None:
    assert check_options(DESCRIBED, {"runs": 1, "seed": None}) == []
    with pytest.raises(ValueError, match="off, warn, error"):
        check_options(DESCRIBED, {}, "maybe")
