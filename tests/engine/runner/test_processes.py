"""One walk over all processes."""

import os
import subprocess
import sys

import pytest

from engine.runner.identity import start_time
from engine.runner.processes import Process, from_ps, from_stat, milliseconds, processes


def test_we_are_among_them() -> None:
    ours = next(process for process in processes() if process.pid == os.getpid())
    assert (ours.parent, ours.group) == (os.getppid(), os.getpgid(0))
    assert ours.memory_kb > 1000
    if ours.session:
        assert (ours.session, ours.start) == (os.getsid(0), start_time(os.getpid()))


def test_names_with_brackets_and_zombies() -> None:
    numbers = "1 2 3 0 -1 4 5 6 7 8 100 20 30 5 20 0 1 0 999 4096000 25 0 0"
    line = f"77 (a) S (b) S {numbers}\n".encode()
    process = from_stat(77, line)
    assert process is not None
    assert (process.parent, process.group, process.session) == (1, 2, 3)
    assert (process.start, process.cpu_ms) == ("999", 155 * 1000 // os.sysconf("SC_CLK_TCK"))
    assert from_stat(77, line.replace(b") S 1", b") Z 1")) is None
    assert from_stat(77, line[:40]) is None
    assert from_stat(77, b"") is None


def test_the_kernels_own_are_left_out() -> None:
    line = b"2 (kthreadd) S 0 0 0 0 -1 1 2 3 4 5 6 7 8 9 10 11 12 0 999 0 0 1 2"
    assert from_stat(2, line) is None


def test_what_ps_of_a_mac_tells() -> None:
    text = "    1     0     1   0:33.51  12345\n  501   1   501 1-02:03:04 99\n junk\n"
    assert list(from_ps(text)) == [
        Process(1, 0, 1, 0, "", 33_510, 12345),
        Process(501, 1, 501, 0, "", 93_784_000, 99),
    ]
    assert milliseconds("2:05:00") == 7_500_000


def test_a_walk_opens_one_small_file_for_each_process() -> None:
    """What a walk costs is what it opens; `tests.bench` tells how long that takes."""
    if not sys.platform.startswith("linux"):
        pytest.skip("there is no /proc")
    walk = (
        "import os, sys; from engine.runner.processes import processes; opened = [];"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(args[0]));"
        "list(processes()); print(*opened)"
    )
    done = subprocess.run(
        [sys.executable, "-c", walk], capture_output=True, text=True, check=True
    )
    opened = done.stdout.split()
    assert len(opened) > 1
    assert len(opened) == len(set(opened)), "none twice"
    assert all(path.startswith("/proc/") and path.endswith("/stat") for path in opened)


def test_children_that_were_waited_for_count() -> None:
    burner = "import os,sys; os.fork() or [x for x in range(6_000_000)] and os._exit(0)"
    script = f"import os,subprocess,sys; exec({burner!r}); os.wait(); print(); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        found = next(process for process in processes() if process.pid == child.pid)
        child.communicate()
    if found.session:
        assert found.cpu_ms > 50
