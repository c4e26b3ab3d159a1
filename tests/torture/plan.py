"""What is submitted: jobs whose every run leaves a trace, and whose end is known beforehand."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

LAST_CODES = (0, 0, 0, 1, 7, 42, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A job, and everything that must be true of it in the end."""

    name: str
    runs: int
    """How often it runs: all but the last run fail with code 9 and are retried."""
    code: int
    """What its last run exits with."""
    lines: int
    """How many lines each run writes to its output, a part before and a part after sleeping."""
    sleep_ms: int

    @property
    def state(self) -> str:
        return "succeeded" if self.code == 0 else "failed"

    def log(self, attempt: str) -> str:
        """The whole output of the run that is called `attempt`."""
        body = "".join(f"{self.name} {attempt} {line}\n" for line in range(self.lines))
        return body + f"{self.name} {attempt} over\n"

    def ask(self, book: Path) -> dict[str, Any]:
        """The job as a client submits it."""
        return {
            "name": self.name,
            "command": ["/bin/sh", "-c", self._script(book)],
            "resources": {"cpu": 0.25},
            "retry": {"max_attempts": self.runs, "base_ms": 20, "exit_codes": [9]},
        }

    def _script(self, book: Path) -> str:
        target = shlex.quote(str(book))
        return "\n".join(
            [
                f'echo "{self.name} $CRAB_ATTEMPT start" >>{target}',
                f"n=0; while [ $n -lt {self.lines} ]; do",
                f'    echo "{self.name} $CRAB_ATTEMPT $n"; n=$((n + 1))',
                f"    [ $n -ne {self.lines // 2} ] || sleep {self.sleep_ms / 1000}",
                "done",
                f'echo "{self.name} $CRAB_ATTEMPT over"',
                f'echo "{self.name} $CRAB_ATTEMPT end" >>{target}',
                f"runs=$(grep -c '^{self.name} .* start$' {target})",
                f"[ $runs -ge {self.runs} ] || exit 9",
                f"exit {self.code}",
            ]
        )


def a_batch(chance: Random, batch: int, size: int) -> tuple[Planned, ...]:
    """`size` jobs named after their batch: short and long, quiet and loud, some retried."""
    return tuple(
        Planned(
            name=f"b{batch}-{number}",
            runs=chance.choice((1, 1, 1, 2, 3)),
            code=chance.choice(LAST_CODES),
            lines=chance.choice((2, 20, 200)),
            sleep_ms=chance.choice((1, 20, 100, 400)),
        )
        for number in range(size)
    )
