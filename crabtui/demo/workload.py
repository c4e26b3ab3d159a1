"""Which jobs the demo consists of, given the tools of this machine."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crabtui.demo import sources
from crabtui.demo.building import build, unit_tests
from crabtui.demo.task import Task
from crabtui.demo.tools import Tools

FEWEST: Final = 20
MOST: Final = 100
"""Answers name single jobs up to this many."""

CORPUS_BYTES: Final = 6_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The demo's jobs, and the files that must be there first."""

    tasks: tuple[Task, ...]
    files: Mapping[str, str]


def workload(tools: Tools, server: str, jobs: int) -> Workload:
    """About `jobs` jobs (at least `FEWEST`) on files that `server` also hands out."""
    spare = max(min(jobs, MOST) - FEWEST, 0)
    modules, corpora = 4 + spare // 3, 2 + spare // 6
    tests = 2 + spare // 6
    tasks = (
        *build(tools, modules),
        *_archive(tools, corpora),
        *unit_tests(tests),
        *_net(server),
        *_stubborn(),
        *_last(corpora),
    )
    made = sources.c_sources(modules) if tools.cc else sources.python_modules(modules)
    return Workload(tasks=tasks, files={**sources.scripts(tests), **made})


def _archive(tools: Tools, corpora: int) -> Iterator[Task]:
    for number in range(corpora):
        made, text = f"make corpus_{number}", f"corpus_{number}.txt"
        yield Task(
            name=made,
            family="make",
            queue="archive",
            argv=[sys.executable, "corpus.py", str(number), str(CORPUS_BYTES), text],
        )
        for packer in filter(None, (tools.gzip, tools.xz)):
            word = packer.rpartition("/")[2]
            yield Task(
                name=f"{word} {text}",
                family="compress",
                queue="archive",
                priority="low",
                after=(made,),
                argv=[packer, "-k", "-f", text],
            )


def _net(server: str) -> Iterator[Task]:
    fetch = [sys.executable, "fetch.py"]
    yield Task(
        name="download corpus_0",
        family="download",
        queue="net",
        after=("make corpus_0",),
        argv=[*fetch, f"{server}/corpus_0.txt", "fetched_0.txt"],
    )
    yield Task(
        name="download from a busy mirror",
        family="download",
        queue="net",
        after=("make corpus_1",),
        argv=[*fetch, f"{server}/busy/corpus_1.txt", "fetched_1.txt"],
        more={"retry": {"max_attempts": 4, "base_ms": 1500, "exit_codes": [75]}},
    )
    yield Task(
        name="download what is not there",
        family="download",
        queue="net",
        ends="failed",
        argv=[*fetch, f"{server}/nothing.txt", "nothing.txt"],
        more={"retry": {"preset": "crab", "base_ms": 800}},
    )


def _stubborn() -> Iterator[Task]:
    yield Task(
        name="count primes, softly limited",
        family="limits",
        ends="succeeded",
        argv=[sys.executable, "primes.py"],
        more={"soft_timeout": 4, "timeout": 20},
    )
    yield Task(
        name="follow a file for ever",
        family="limits",
        after=("make corpus_0",),
        ends="timeout",
        argv=["tail", "-f", "corpus_0.txt"],
        more={"timeout": 3, "cpus": 0.1},
    )
    yield Task(
        name="no such program",
        family="limits",
        ends="failed",
        argv=["./no-such-program"],
    )


def _last(corpora: int) -> Iterator[Task]:
    texts = [f"corpus_{number}.txt" for number in range(corpora)]
    made = tuple(f"make corpus_{number}" for number in range(corpora))
    yield Task(
        name="checksums",
        family="make",
        queue="archive",
        after=made,
        argv=["cksum", *texts],
    )
    yield Task(
        name="pack a release (on hold)",
        family="compress",
        queue="archive",
        after=made,
        argv=["tar", "-czf", "release.tar.gz", *texts],
        more={"hold": True},
    )
