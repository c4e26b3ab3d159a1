"""Help: one page for all verbs, without loading them, and one for each."""

import subprocess
import sys

import pytest

from crabtui.cli.frame.verbs import VERBS, module_of, verbs
from tests.crabtui.cli.conftest import Crab
from tests.kit.golden import check_golden


def test_the_page_of_all_verbs(crab: Crab) -> None:
    check_golden("cli/help.txt", crab("--help").out)
    assert list(verbs()) == list(VERBS)


def test_it_loads_no_verb() -> None:
    program = (
        "import sys, crabtui.cli.frame.run_line as r; r.run_line(['--help']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(done.stderr.decode().split())
    assert not loaded & {module_of(verb) for verb in VERBS if verb != "completion"}


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "demo"])
def test_the_page_of_a_verb(crab: Crab, verb: str) -> None:
    ran = crab(verb, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "--state" in ran.out
    assert "--json" in ran.out
    if verb in {"submit", "run", "cancel", "queues"}:
        check_golden(f"cli/help-{verb}.txt", ran.out)


def test_the_version(crab: Crab) -> None:
    assert crab("--version").out == "crabtui 0.1.0\n"
