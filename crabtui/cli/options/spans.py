"""Lengths of time as option values: a bare number is seconds."""

from typing import Any, Final

import click

from engine.model.durations import parse_duration


class DurationMs(click.ParamType):  # type: ignore[type-arg]
    """Milliseconds in `90`, `1.5h`, `1h30m` or `250ms`."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if isinstance(value, int):
            return value
        us = parse_duration(value)
        if us is None:
            self.fail(f"{value!r} is no duration: 90 (seconds), 1.5h, 1h30m, 250ms", param, ctx)
        return us // 1000


DURATION_MS: Final = DurationMs()
