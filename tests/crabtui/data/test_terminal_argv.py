"""What is run to be on a worker's host says every word as it is."""

import shlex
import subprocess
from pathlib import Path

from crabtui.data.terminal_argv import host_argv, terminal_argv
from engine.control.views import WorkerView

KNOWN = Path("/s/known hosts")


def a_worker(address: str = "") -> WorkerView:
    return WorkerView(
        name="w",
        backend="ssh",
        health="healthy",
        draining=False,
        slots=1,
        slots_taken=0,
        capacity={},
        taken={},
        seen_at=None,
        address=address,
    )


def test_here_it_is_the_words_themselves() -> None:
    words = ["tmux", "a b"]
    assert host_argv(a_worker(), KNOWN, {}, words, terminal=False) == words


def test_elsewhere_every_word_survives_the_shell_over_there() -> None:
    words = ["printf", "%s\\n", "a b", "$HOME", "'", '"', "`x`", ";", "-n", "", "\n"]
    far = a_worker(address="ann@gpu-1:2222")
    argv = host_argv(far, KNOWN, {}, words, terminal=False)
    assert argv[0] == "ssh"
    assert "-t" not in argv
    assert argv[-2] == "ann@gpu-1"
    done = subprocess.run(["/bin/sh", "-c", argv[-1]], capture_output=True, check=True)
    assert done.stdout.decode() == "".join(f"{word}\n" for word in words[2:])


def test_without_a_session_it_is_a_shell() -> None:
    assert terminal_argv(a_worker(), None, KNOWN, {"SHELL": "/bin/zsh"}) == ["/bin/zsh"]
    far = terminal_argv(a_worker(address="gpu-1"), None, KNOWN, {})
    assert shlex.join(far).endswith("-- gpu-1")
