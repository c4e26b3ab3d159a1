"""What is run to be on a worker's host: every word as it is, and as its link goes there."""

import shutil
import subprocess
from pathlib import Path

import pytest

from crabtui.data.terminal_argv import host_argv, session_argv, shell_argv, terminal_argv
from engine.control.views import WorkerView
from engine.errors import InvalidSpec

KNOWN = Path('/s/known "hosts" %d')


def a_worker(address: str = "", identity: str = "", *, ssh_config: bool = True) -> WorkerView:
    return WorkerView(
        identity=identity,
        ssh_config=ssh_config,
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
    assert "BatchMode=yes" in argv
    assert argv[-2] == "gpu-1"
    done = subprocess.run(["/bin/sh", "-c", argv[-1]], capture_output=True, check=True)
    assert done.stdout.decode() == "".join(f"{word}\n" for word in words[2:])


def test_without_a_session_it_is_a_shell() -> None:
    assert terminal_argv(a_worker(), None, KNOWN, {"SHELL": "/bin/zsh"}) == ["/bin/zsh"]
    assert shell_argv(a_worker(), KNOWN, {}) == ["/bin/sh"]
    far = terminal_argv(a_worker(address="gpu-1"), None, KNOWN, {})
    assert far[-2:] == ["--", "gpu-1"]


def test_a_session_here_is_switched_to_from_inside_tmux() -> None:
    inside = {"TMUX": "/tmp/x"}
    assert session_argv(a_worker(), "n", KNOWN, inside)[1] == "switch-client"
    assert session_argv(a_worker(), "n", KNOWN, {})[1] == "attach-session"
    far = session_argv(a_worker(address="gpu-1"), "n", KNOWN, inside)
    assert far[1] == "-t"
    assert far[-1].endswith("tmux attach-session -t =n")


@pytest.mark.parametrize(
    ("address", "goes"),
    [
        ("crab@gpu-01:22", {"user": "crab", "hostname": "gpu-01", "port": "22"}),
        ("gpu-01", {"hostname": "gpu-01"}),
        ("crab@[::1]:2222", {"user": "crab", "hostname": "::1", "port": "2222"}),
        ("ssh://a%40b@gpu-01", {"user": "a@b", "hostname": "gpu-01"}),
    ],
)
def test_ssh_goes_where_the_worker_is(address: str, goes: dict[str, str]) -> None:
    told = settings(shell_argv(a_worker(address), KNOWN, {}))
    assert {name: told[name] for name in goes} == goes


@pytest.mark.parametrize("address", ["-oProxyCommand=x", "a b", "x:y", "\n", "-l@gpu-01"])
def test_what_is_no_address_opens_nothing(address: str) -> None:
    with pytest.raises(InvalidSpec):
        shell_argv(a_worker(address), KNOWN, {})


def test_its_own_key_is_shown_and_no_other(tmp_path: Path) -> None:
    key = tmp_path / "one \"two\" %d 'k'"
    told = settings(shell_argv(a_worker("gpu-01", str(key)), KNOWN, {}))
    assert told["identityfile"].replace("%%", "%") == str(key)
    assert told["identitiesonly"] == "yes"
    for hostile in ("/k\nProxyCommand x", "/${HOME}"):
        with pytest.raises(InvalidSpec, match="misread"):
            shell_argv(a_worker("gpu-01", hostile), KNOWN, {})


def test_nothing_is_forwarded_nor_asked_nor_run_here(tmp_path: Path) -> None:
    home = a_home(
        tmp_path,
        "Host *\n ForwardAgent yes\n ForwardX11 yes\n LocalForward 8080 localhost:80\n"
        " PermitLocalCommand yes\n ControlMaster auto\n ControlPath /tmp/c\n"
        " RemoteCommand ls\n StrictHostKeyChecking no\n Port 99\n UserKnownHostsFile /u\n",
    )
    argv = shell_argv(a_worker("gpu-01"), KNOWN, home)
    told = settings(argv)
    assert told["port"] == "99"
    assert told["userknownhostsfile"] == "/u"
    assert told["forwardagent"] == told["forwardx11"] == told["permitlocalcommand"] == "no"
    assert told["clearallforwardings"] == "yes"
    assert told.get("controlpath", "none") == "none"
    assert told.get("remotecommand", "none") == "none"
    assert told["stricthostkeychecking"] == "true"
    assert str(KNOWN) in told["globalknownhostsfile"]


def test_no_configuration_holds_where_the_worker_says_so(tmp_path: Path) -> None:
    home = a_home(tmp_path, "Host *\n Port 99\n ProxyCommand touch /x\n")
    told = settings(shell_argv(a_worker("gpu-01", ssh_config=False), KNOWN, home))
    assert told["port"] == "22"
    assert "proxycommand" not in told
    assert told["userknownhostsfile"] == "/dev/null"
    assert told["globalknownhostsfile"] == str(KNOWN)


def a_home(folder: Path, configuration: str) -> dict[str, str]:
    (folder / ".ssh").mkdir()
    (folder / ".ssh" / "config").write_text(configuration)
    return {"HOME": str(folder)}


def settings(argv: list[str]) -> dict[str, str]:
    """What OpenSSH's client itself makes of these words, by name."""
    if shutil.which("ssh") is None:
        pytest.skip("there is no ssh on this machine")
    done = subprocess.run([argv[0], "-G", *argv[1:]], capture_output=True, check=True)
    lines = [line.partition(" ") for line in done.stdout.decode().splitlines()]
    return {name: value for name, _, value in reversed(lines)}
