"""`crabtui shard`: a test command, split over jobs, and judged as one."""

import re
import sys
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import CommandVerb
from crabtui.cli.options.array import send_array
from crabtui.cli.options.job import described, job_options
from crabtui.cli.printing.endings import OURS, ending
from crabtui.cli.printing.output import plain, say, say_json
from crabtui.cli.reaching.following import through_restarts
from crabtui.cli.submit import tell_submitted
from crabtui.cli.submitting.interrupts import Detached, Interrupts
from crabtui.cli.submitting.shard_reports import collect, write_merged
from crabtui.data.files.shards import Shard, Verdict, judge, sentence, warning
from engine.control.blocking import BlockingClient
from engine.control.messages import Wait
from engine.control.views import Finished, Submitted
from engine.errors import InvalidSpec

MOST: Final = 1_000
MERGED: Final = "junit.xml"

_OWN: Final = re.compile(r"\{(index|number)\}")


@click.command(cls=CommandVerb)
@click.option(
    "--count", required=True, type=click.IntRange(1, MOST), metavar="N", help="Parts to make."
)
@click.option(
    "--junit", metavar="PATH", help="Each part's report, as in out/junit-{index}.xml."
)
@click.option("--merged", metavar="FILE", help=f"All reports as one.  [default: {MERGED}]")
@click.option("--array-limit", metavar="N", help="So many of them at once.")
@click.option("--detach", is_flag=True, help="Only submit; judge nothing.")
@job_options
def shard(
    argv: tuple[str, ...],
    shell: str | None,
    count: int,
    junit: str | None,
    merged: str | None,
    array_limit: str | None,
    detach: bool,
    **given: Any,
) -> int:
    """Run a test command in N parts, wait for them, and say what they come to together.

    In its words {index} is the part from 0, {number} from 1, {count} how many there are; it
    sees CRAB_ARRAY_INDEX, CRAB_PARAM_NUMBER and CRAB_PARAM_COUNT. Exits 0 if all parts ran
    and passed, 1 if tests failed, 3 if some did not run to an end or left no report: a set
    that is not complete is no success.

    With --json one object is printed. Like `crabtui shard --count 4 --junit j-{index}.xml --
    pytest --splits {count} --group {number} --junitxml=j-{index}.xml`.
    """
    if merged is not None and junit is None:
        raise InvalidSpec("--merged goes with --junit", field="merged")
    job = _job(described(argv, shell, **given), junit)
    submitted = _send(job, count, array_limit)
    if detach:
        return tell_submitted(submitted, is_array=True)
    [(whole, last)] = submitted.ids
    try:
        with Interrupts(whole, detach_first=False):
            return _Run(whole, tuple(range(whole + 1, last + 1)), junit, merged).code()
    except Detached:
        complain(f"#{whole} goes on: `crabtui wait {whole}`")
        return OURS


def _job(job: dict[str, Any], junit: str | None) -> dict[str, Any]:
    """The template, with its report among what is collected."""
    if junit is None:
        return job
    alone = "frozen" in job or "workspace" in job
    if not alone and not _OWN.search(junit):
        stem = Path(junit)
        near = f"{stem.with_suffix('')}-{{index}}{stem.suffix}"
        raise InvalidSpec(
            f"--junit {junit}: every part would write the same file; write {near}",
            field="junit",
            nearest=near,
        )
    if Path(junit).is_absolute():
        return job
    return {**job, "outputs": [*job.get("outputs", ()), {"path": junit, "type": "junit"}]}


def _send(job: dict[str, Any], count: int, limit: str | None) -> Submitted:
    grid = (f"count={count}", f"number=1-{count}")
    asked: dict[str, Any] = {"grid": grid}
    return send_array(job, asked if limit is None else asked | {"array_limit": limit})


class _Run:
    """One set of shards, followed over any number of connections."""

    def __init__(
        self, whole: int, jobs: tuple[int, ...], junit: str | None, merged: str | None
    ) -> None:
        self._whole = whole
        self._jobs = jobs
        self._junit = junit
        self._merged = Path(merged or MERGED)
        self._ended: dict[int, Finished] = {}

    def code(self) -> int:
        """What it comes to, printed; the exit code."""
        verdict = through_restarts(self._work)
        if odd := warning(verdict):
            complain(odd)
        if setting().as_json:
            say_json(self._plain(verdict))
        else:
            say(sentence(verdict))
        return verdict.code

    def _work(self, client: BlockingClient) -> Verdict:
        while left := tuple(job for job in self._jobs if job not in self._ended):
            for finished in client.call(Wait(ids=left, any=True)).finished:
                self._ended[finished.id] = finished
                self._tell(finished)
        shards = [self._shard(finished) for finished in self._ended.values()]
        if self._junit is None:
            return judge(len(self._jobs), shards)
        reports = collect(client, self._jobs, self._junit)
        if reports:
            write_merged(reports, self._merged, f"#{self._whole}")
        return judge(len(self._jobs), shards, reports)

    def _shard(self, finished: Finished) -> Shard:
        return Shard(
            index=self._jobs.index(finished.id),
            job=finished.id,
            state=finished.state,
            exit_code=finished.exit_code,
        )

    def _tell(self, finished: Finished) -> None:
        if not setting().as_json:
            place = self._jobs.index(finished.id)
            say(f"shard {place} of {len(self._jobs)}  #{finished.id}  {ending(finished)}")
            sys.stdout.flush()

    def _plain(self, verdict: Verdict) -> dict[str, Any]:
        told: dict[str, Any] = plain(msgspec.to_builtins(verdict))
        merged = str(self._merged) if self._junit else None
        return {
            "array": self._whole,
            "ok": verdict.code == 0,
            "complete": verdict.is_complete,
            **told,
            "merged": merged,
            "shards": [plain(self._ended[job]) for job in self._jobs],
        }
