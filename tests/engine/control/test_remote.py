"""The words of a remote daemon's ssh, and what is said when it does not get there."""

from pathlib import Path

import pytest

from engine.control import blocking, client
from engine.control.messages import Check, SayHello
from engine.control.remote import Remote, read_remote
from engine.control.views import Checked
from engine.errors import InvalidSpec, NoDaemon, VersionMismatch
from tests.kit.fake_door import FakeDoor, HungUp
from tests.kit.far import HERE, put_ssh, words_of


def remote_of(state: Path) -> Remote:
    return read_remote("me@far", program=HERE, state=str(state))


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("me@far", "me@far", None),
        ("far", "far", None),
        ("me@far:2222", "me@far", 2222),
        ("me@::1", "me@::1", None),
        ("me@[::1]:22", "me@::1", 22),
        ("me@[::1]", "me@::1", None),
    ],
)
def test_machines_are_read(text: str, host: str, port: int | None) -> None:
    found = read_remote(text)
    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@far",
        "me@",
        "-oProxyCommand=x",
        "me@far:",
        "me@far:0",
        "me@far:99999",
        "a b",
        "a\n",
    ],
)
def test_what_names_no_machine_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpec, match="--host"):
        read_remote(text)


def test_words_are_quoted_and_options_end_before_the_host() -> None:
    remote = read_remote("me@far:2200", program="~/my\\ bin/crabtui -x", state="/it's; rm")
    argv = remote.argv()
    assert argv[:4] == ["ssh", "-T", "-a", "-x"]
    assert argv[-3:-1] == ["--", "me@far"]
    assert argv[-1] == """~/'my bin/crabtui' -x stdio --state '/it'"'"'s; rm'"""
    assert "BatchMode=yes" in argv
    assert argv[argv.index("-p") + 1] == "2200"


@pytest.mark.parametrize("program", ["", "'open", "   "])
def test_what_names_no_program_is_refused(program: str) -> None:
    if not program:
        assert read_remote("far", program=program).program == ("crabtui",)
        return
    with pytest.raises(InvalidSpec, match="--remote-command"):
        read_remote("far", program=program)


def test_calls_go_through_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_ssh(tmp_path / "bin", set_env=monkeypatch)
    with FakeDoor(tmp_path / "s") as door:
        door.answers[Check] = Checked(problems=("torn",))
        with blocking.connect(remote_of(tmp_path / "s"), version="9.9") as opened:
            assert opened.call(Check()) == Checked(problems=("torn",))
    assert door.asked(SayHello)[0].version == "9.9"
    assert "me@far" in words_of(tmp_path / "bin")


async def test_the_event_loops_client_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_ssh(tmp_path / "bin", set_env=monkeypatch)
    with FakeDoor(tmp_path / "s") as door:
        door.answers[Check] = Checked(problems=("torn",))
        async with await client.connect(remote_of(tmp_path / "s")) as opened:
            assert await opened.call(Check()) == Checked(problems=("torn",))
            door.hang_up()
            await opened.wait_closed()
            with pytest.raises(NoDaemon, match="me@far went away") as lost:
                await opened.call(Check())
            assert lost.value.details["lost"] is True


async def test_a_connection_is_taken_over_with_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_ssh(tmp_path / "bin", set_env=monkeypatch)
    with FakeDoor(tmp_path / "s") as door:
        door.answers[Check] = Checked(problems=())
        begun = blocking.connect(remote_of(tmp_path / "s"), read_only=True)
        async with await client.take_over(begun) as opened:
            assert await opened.call(Check()) == Checked(problems=())
            assert opened.hello == begun.hello
    assert len(door.asked(SayHello)) == 1
    assert door.asked(SayHello)[0].read_only


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "echo 'ssh: connect to host far port 22: Connection refused' >&2; exit 255",
            "refused",
        ),
        ("echo noise >&2; echo 'Host key verification failed.' >&2; exit 255", "`ssh me@far`"),
        ("exit 255", "cannot reach me@far: ssh did not say why"),
        ("echo 'sh: crabtui: not found' >&2; exit 127", "--remote-command"),
        ("exit 126", "may not be run"),
        ("echo 'crabtui: the daemon did not start: full' >&2; exit 3", "ended: the daemon did"),
        ("echo Welcome to far, please behave; cat >/dev/null", "is no frame"),
    ],
)
def test_why_it_was_not_reached(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_ssh(tmp_path / "bin", script + "\n", set_env=monkeypatch)
    with pytest.raises(NoDaemon, match=said) as caught:
        blocking.connect(remote_of(tmp_path))
    assert "lost" not in caught.value.details


def test_one_that_knows_no_stdio_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_ssh(tmp_path / "bin", "echo \"no command 'stdio'\" >&2; exit 2\n", set_env=monkeypatch)
    with pytest.raises(VersionMismatch, match="too old"):
        blocking.connect(remote_of(tmp_path))


def test_one_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_ssh(tmp_path / "bin", "exec cat >/dev/null\n", set_env=monkeypatch)
    with pytest.raises(NoDaemon, match="said nothing"):
        blocking.connect(remote_of(tmp_path), hello_s=0.05)


def test_no_ssh_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoDaemon, match="no ssh on this machine"):
        blocking.connect(remote_of(tmp_path))


def test_a_daemon_that_hangs_up_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang_up(_: object) -> None:
        raise HungUp

    put_ssh(tmp_path / "bin", set_env=monkeypatch)
    with FakeDoor(tmp_path / "s") as door:
        door.answers[Check] = hang_up
        with (
            blocking.connect(remote_of(tmp_path / "s")) as opened,
            pytest.raises(NoDaemon) as lost,
        ):
            opened.call(Check())
    assert lost.value.details["lost"] is True


def test_ctrl_c_does_not_end_the_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script kills its group as a terminal does; the link must live on."""
    put_ssh(tmp_path / "bin", "kill -INT $$\n" + "exec /bin/sh -c '" + HERE + " stdio --state "
            + str(tmp_path / "s") + "'\n", set_env=monkeypatch)  # fmt: skip
    with FakeDoor(tmp_path / "s") as door:
        door.answers[Check] = Checked(problems=())
        with blocking.connect(remote_of(tmp_path / "s")) as opened:
            assert opened.call(Check()) == Checked(problems=())
