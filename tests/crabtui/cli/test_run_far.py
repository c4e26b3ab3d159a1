"""`run` and `logs -f` of a job elsewhere, through broken links and daemons that are killed."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.kit.sshd import SSHD
from tests.kit.waiting import wait_until
from tests.torture.far import Far, Workers

pytestmark = pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine")


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Workers]:
    """A daemon and one worker elsewhere, behind a line that breaks when it is told to."""
    with Workers(tmp_path, [Far(tmp_path / "far", "far")]) as workers:
        workers.mend()
        yield workers


def crabtui(workers: Workers, *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "crabtui", *words],
        env={**os.environ, "CRABTUI_STATE": str(workers.daemon.state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def waits_between(*gates: Path) -> str:
    """A script that says `0`, `1` …, each once the gate before it is there, and exits 9."""
    waits = [f"until [ -e {shlex.quote(str(gate))} ]; do sleep 0.02; done" for gate in gates]
    said = [f"{wait}; echo {number}" for number, wait in enumerate(waits, 1)]
    return "; ".join(["echo 0", *said, "exit 9"])


def line(stream: IO[bytes] | None) -> bytes:
    assert stream is not None
    return stream.readline()


def test_they_go_on_where_they_were_and_exit_as_the_job_did(
    far: Workers, tmp_path: Path
) -> None:
    gates = [tmp_path / name for name in ("a", "b", "c")]
    [proxy] = [one.proxy for one in far.fars]
    with crabtui(far, "run", "--worker", "far", "--shell", waits_between(*gates)) as run:
        assert line(run.stdout) == b"0\n"
        with crabtui(far, "logs", "-f", "1") as logs:
            assert line(logs.stdout) == b"0\n"
            proxy.cut()
            gates[0].touch()
            assert (line(run.stdout), line(logs.stdout)) == (b"1\n", b"1\n")
            proxy.refuse()
            told = b"crabtui: no link to `far` ("
            assert line(run.stderr).startswith(told)
            assert line(logs.stderr).startswith(told)
            gates[1].touch()
            proxy.mend()
            assert (line(run.stdout), line(logs.stdout)) == (b"2\n", b"2\n")
            far.daemon.restart()
            gates[2].touch()
            out, err = logs.communicate(timeout=90)
            assert (out, logs.returncode) == (b"3\n", 0), err
        out, err = run.communicate(timeout=90)
        assert (out, run.returncode) == (b"3\n", 9), err


def test_ctrl_c_while_the_link_is_broken_cancels(far: Workers, tmp_path: Path) -> None:
    never = waits_between(tmp_path / "never")
    [proxy] = [one.proxy for one in far.fars]
    with crabtui(far, "run", "--worker", "far", "--shell", never) as run:
        assert line(run.stdout) == b"0\n"
        proxy.refuse()
        assert b"no link to `far`" in line(run.stderr)
        run.send_signal(signal.SIGINT)
        wait_until(lambda: far.daemon.job(1).cancel_by, what="it is canceled")
        proxy.mend()
        assert run.wait(60) == 130
