"""The console on a real terminal, in front of a real daemon."""

import re
import signal
import subprocess
import sys

import pytest

from engine.control.messages import Cancel, Targets
from tests.kit.daemon import RealDaemon
from tests.kit.processes import end_all
from tests.kit.terminal import Terminal
from tests.kit.tmux import Tmux

HOSTILE = "[/nope]\x1b]0;owned\x07\x1b[2J\x1bPq\x1b\\\u202egpj.exe"


@pytest.fixture
def daemon(tmp_path):
    with RealDaemon(tmp_path) as daemon:
        yield daemon


def console(daemon, *flags):
    return [sys.executable, "-m", "crabtui", "--state", str(daemon.state), "ui", *flags]


def test_watch_cancel_and_quit_inside_tmux(daemon, tmp_path):
    daemon.submit({"command": ["sleep", "600"], "name": "long sleep"})
    daemon.submit({"command": ["sleep", "601"], "name": "other sleep"})
    daemon.wait_state(1, "running")
    daemon.wait_state(2, "running")
    with Tmux(tmp_path) as tmux:
        tmux.write("PS1='prompt> '; clear\n")
        tmux.wait_text("prompt>")
        tmux.write(" ".join(console(daemon)) + "; echo left with $?\n")
        tmux.wait_text("LIVE")
        tmux.wait_text("long sleep")
        assert tmux.value("alternate_on") == "1"
        tmux.press("g", "x")
        tmux.wait_text("Cancel #1 long sleep?")
        assert daemon.job(1).state == "running"
        tmux.press("y")
        daemon.wait_state(1, "canceled")
        tmux.wait_text("run 1")
        tmux.press("q")
        screen = tmux.wait_text("left with 0")
        assert "1 job keeps running; crabtui to return" in screen.replace("\n", "")
        assert tmux.value("alternate_on") == "0"
        assert tmux.value("cursor_flag") == "1"
        assert daemon.job(2).state == "running"


def test_hostile_names_and_logs_reach_no_terminal(daemon):
    script = "printf '\\033]0;owned\\007\\033[2J\\033Pq\\033\\\\shown\\n'; sleep 600"
    daemon.submit({"command": ["sh", "-c", script, HOSTILE], "tags": ["[red]"]})
    daemon.wait_state(1, "running")
    with Terminal(console(daemon), columns=100, rows=30) as terminal:
        modes = terminal.modes_before
        terminal.wait_text("printf")
        terminal.write("l")
        terminal.wait_text("shown")
        terminal.wait_text("f follow")
        terminal.write("L")
        terminal.wait_text("› logs")
        terminal.write("/shown\r")
        terminal.wait_text("1 found")
        terminal.write("&")
        terminal.wait_text("matches only")
        terminal.write("\x1b")
        terminal.wait_screen(lambda screen: "matches only" not in screen)
        terminal.write("q")
        terminal.wait_screen(lambda screen: "› logs" not in screen)
        terminal.write(":grep shown\r")
        terminal.wait_text("1 job of 1 looked at")
        terminal.write("q")
        terminal.wait_screen(lambda screen: "looked at" not in screen)
        terminal.write("q")
        terminal.wait_screen(lambda screen: "[3 Jobs]" in screen and "jobs ›" not in screen)
        terminal.write("x")
        terminal.wait_text("Cancel #1")
        terminal.write("n")
        terminal.wait_text("nothing was done")
        terminal.write("q")
        assert terminal.wait_exit() == 0
        sent = bytes(terminal.raw)
        assert b"\x1b]0;" not in sent
        assert not re.search(rb"\x1bP(?!\+q|\$q|=)", sent)
        assert b"\x1b[2J" not in sent.replace(b"\x1b[?1049h\x1b[2J", b"")
        assert "\u202e".encode() not in sent
        assert terminal.modes == modes


def test_the_console_starts_the_daemon_that_it_needs(tmp_path):
    state = tmp_path / "s"
    argv = [sys.executable, "-m", "crabtui", "--state", str(state)]
    try:
        with Terminal(argv) as terminal:
            terminal.wait_text("no jobs yet")
            terminal.wait_text("LIVE")
            terminal.write("q")
            assert terminal.wait_exit() == 0
        assert (state / "run" / "door").is_socket()
    finally:
        subprocess.run([*argv, "stop"], capture_output=True)
        end_all(state)


def test_without_a_terminal_it_says_what_to_use_instead(tmp_path):
    argv = [sys.executable, "-m", "crabtui", "--state", str(tmp_path / "s")]
    ran = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ran.returncode == 2
    assert "crabtui ls" in ran.stderr
    assert not (tmp_path / "s").exists()


def test_no_color_sends_no_colour(daemon):
    daemon.submit({"command": ["sleep", "600"], "name": "grey"})
    with Terminal(console(daemon), env={"NO_COLOR": "1"}) as terminal:
        terminal.wait_text("grey")
        terminal.write("q")
        assert terminal.wait_exit() == 0
        assert not re.search(rb"\x1b\[[0-9;]*[34]8;[25];", bytes(terminal.raw))
        assert not re.search(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7])m", bytes(terminal.raw))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_gets_the_terminal_back(daemon, number):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    with Terminal(console(daemon)) as terminal:
        modes = terminal.modes_before
        terminal.wait_text("patient")
        terminal.process.send_signal(number)
        assert terminal.wait_exit() == 128 + number
        assert terminal.modes == modes
        assert b"\x1b[?1049l" in terminal.raw


def test_the_console_outlives_its_daemon(daemon):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    daemon.wait_state(1, "running")
    with Terminal(console(daemon)) as terminal:
        terminal.wait_text("patient")
        daemon.kill9()
        terminal.wait_text("OFFLINE")
        daemon.start()
        terminal.wait_text("LIVE")
        terminal.write("q")
        assert terminal.wait_exit() == 0


def test_what_is_typed_in_one_go_after_a_slash_is_the_filter(daemon):
    """Not keys of the table, of which `r` would run the job again."""
    daemon.submit({"command": ["false"], "name": "train"})
    daemon.wait_state(1, "failed")
    with Terminal(console(daemon), columns=80, rows=24) as terminal:
        terminal.wait_text("train")
        terminal.write("/name:train\r")
        terminal.wait_text("⟨name:train⟩")
    assert daemon.job(1).attempt == 1


def test_a_shell_borrows_the_terminal_and_gives_it_back(daemon, tmp_path):
    env = {"SHELL": "/bin/sh", "PS1": "borrowed> "}
    with Tmux(tmp_path, console(daemon, "workers"), env=env) as tmux:
        tmux.wait_text("local")
        tmux.press("S")
        tmux.wait_text("Open a shell on local?")
        tmux.press("y")
        tmux.wait_text("a shell on local; `exit` comes back")
        tmux.wait_text("borrowed>")
        tmux.write("echo $((40 + 2)) is the answer; sleep 600\n")
        tmux.wait_text("42 is the answer")
        assert tmux.value("alternate_on") == "0"
        tmux.press("C-c")
        tmux.wait_screen(lambda text: text.count("borrowed>") == 2)
        tmux.write("exit\n")
        tmux.wait_screen(lambda text: "back from local" in text and "[4 Workers]" in text)
        assert tmux.value("alternate_on") == "1"
        tmux.wait_text("LIVE")


def test_ctrl_z_gives_the_shell_back_and_fg_the_console(daemon, tmp_path):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    with Tmux(tmp_path, ["/bin/bash", "--norc", "-i"]) as tmux:
        tmux.write("PS1='prompt> '; clear\n")
        tmux.wait_text("prompt>")
        tmux.write(" ".join(console(daemon, "jobs")) + "; echo left with $?\n")
        tmux.wait_text("patient")
        assert tmux.value("alternate_on") == "1"
        tmux.press("C-z")
        tmux.wait_text("Stopped")
        assert tmux.value("alternate_on") == "0"
        tmux.write("fg\n")
        tmux.wait_text("LIVE")
        assert tmux.value("alternate_on") == "1"
        tmux.press("j")
        tmux.press("q")
        tmux.wait_text("crabtui to return")


def test_ctrl_c_twice_quits_and_once_does_not(daemon):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    with Terminal(console(daemon, "jobs")) as terminal:
        modes = terminal.modes_before
        terminal.wait_text("patient")
        terminal.write("\x03")
        terminal.wait_text("ctrl+c once more quits")
        terminal.write("\x03")
        assert terminal.wait_exit() == 0
        assert terminal.modes == modes


def test_the_screen_follows_the_size_of_its_terminal(daemon):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    with Terminal(console(daemon, "jobs"), columns=120, rows=40) as terminal:
        terminal.wait_text("OWNER")
        terminal.resize(80, 24)
        terminal.wait_screen(lambda text: "OWNER" not in text and "patient" in text)
        terminal.resize(48, 12)
        terminal.wait_text("60x16 needed, 48x12 here")
        terminal.resize(80, 24)
        terminal.wait_text("patient")
        terminal.write("q")
        assert terminal.wait_exit() == 0


def test_a_watched_job_reaches_beyond_the_screen_and_its_name_does_no_harm(daemon):
    daemon.submit({"command": ["sh", "-c", "sleep 600", "evil\x1b]0;owned\x07"]})
    daemon.wait_state(1, "running")
    with Terminal(console(daemon, "jobs"), columns=100, rows=30) as terminal:
        terminal.wait_text("evil")
        terminal.write("b")
        terminal.wait_text("you are told when #1 has ended")
        with daemon.client() as client:
            client.call(Cancel(targets=Targets(ids=(1,)), kill=True))
        terminal.wait_text("1 watched job ended: 1 canceled")
        terminal.write("q")
        assert terminal.wait_exit() == 0
        sent = bytes(terminal.raw)
        assert b"\x1b]2;crab 0/1\x07" in sent
        assert b"\x1b]9;crabtui: 1 watched job ended: 1 canceled\x07" in sent
        assert b"\x1b]0;owned" not in sent
        assert sent.rindex(b"\x1b[23;0t") > sent.index(b"\x1b]2;crab 1/1\x07")


def test_a_picture_needs_no_terminal(daemon, tmp_path):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    daemon.wait_state(1, "running")
    argv = [*console(daemon, "jobs?state=running"), "--dump", "txt", "--size", "100x30"]
    ran = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ran.returncode == 0, ran.stderr
    assert "● LIVE" in ran.stdout
    assert "patient" in ran.stdout
    assert len(ran.stdout.splitlines()) == 30
    assert not (daemon.state / "console").exists()


def test_keys_of_a_file_hold_on_a_real_terminal(daemon, tmp_path):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    daemon.wait_state(1, "running")
    keys = tmp_path / "keys.toml"
    keys.write_text('[keys]\npreset = "htop"\nmark = "alt+m"\ncancle = "x"\n')
    with Terminal(console(daemon, "jobs", "--keys", str(keys))) as terminal:
        terminal.wait_text("1 entry of keys.toml is ignored")
        terminal.wait_text("patient")
        terminal.write("\x1b[20~")  # f9
        terminal.wait_text("Cancel #1")
        terminal.write("n")
        terminal.wait_text("nothing was done")
        terminal.write("\x1b[21~")  # f10
        assert terminal.wait_exit() == 0
