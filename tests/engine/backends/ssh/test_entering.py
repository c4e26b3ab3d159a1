"""Getting in: host keys, our keys, agents, configuration, jump hosts; and plain refusals."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import asyncssh
import pytest

from engine.backends.ssh.line import SshLine
from engine.backends.ssh.options import Places
from engine.errors import InvalidSpec, LinkRefused, Unreachable
from engine.model.address import parse
from tests.engine.backends.ssh.conftest import MakeLine, MakeServer, know
from tests.engine.backends.ssh.hearing import Heard
from tests.kit.sshd import USER, Sshd, fingerprint, make_key


async def said(line: SshLine, command: str = "echo in") -> str:
    heard = Heard()
    await line.open(command, heard)
    await heard.lost()
    return heard.data.decode()


async def refusal(line: SshLine) -> LinkRefused:
    with pytest.raises(LinkRefused) as refused:
        await line.open("touch in", Heard())
    return refused.value


async def test_an_unknown_host_is_refused_with_the_way_to_accept_it(
    server: Sshd, make_line: MakeLine, places: Places
) -> None:
    line = make_line(server, known=False)
    refused = await refusal(line)
    assert refused.details == {
        "fingerprint": server.fingerprint,
        "kind": "ed25519",
        "host": f"127.0.0.1:{server.port}",
        "known": [],
    }
    assert f"crabtui workers reconnect far --trust {server.fingerprint}" in refused.message
    assert not places.known_hosts.exists()
    await line.trust(server.fingerprint)
    assert places.known_hosts.read_text() == server.known_hosts
    assert await said(line) == "in\n"


async def test_only_the_key_that_was_named_is_accepted(
    server: Sshd, make_line: MakeLine, places: Places
) -> None:
    line = make_line(server, known=False)
    other = fingerprint(make_key(server.folder / "other"))
    with pytest.raises(LinkRefused, match=server.fingerprint.replace("+", r"\+")):
        await line.trust(other)
    with pytest.raises(InvalidSpec, match="no fingerprint"):
        await line.trust("yes")
    assert not places.known_hosts.exists()
    await refusal(line)


async def test_trusting_a_host_that_is_known_already(
    server: Sshd, make_line: MakeLine, places: Places
) -> None:
    line = make_line(server)
    await line.trust(server.fingerprint)
    with pytest.raises(LinkRefused, match="known already"):
        await line.trust(fingerprint(make_key(server.folder / "other")))
    assert places.known_hosts.read_text() == server.known_hosts


async def test_a_changed_key_is_refused_loudly_until_it_is_accepted(
    server: Sshd, make_line: MakeLine, places: Places
) -> None:
    line = make_line(server)
    before, old = server.fingerprint, server.known_hosts
    server.new_host_key()
    server.restart()
    refused = await refusal(line)
    assert "HAS CHANGED" in refused.message
    assert refused.details["known"] == [before]
    assert refused.details["fingerprint"] == server.fingerprint
    assert before in refused.message
    assert server.fingerprint in refused.message
    assert places.known_hosts.read_text() == old
    with pytest.raises(LinkRefused, match="HAS CHANGED"):
        await line.trust(before)
    await line.trust(server.fingerprint)
    assert places.known_hosts.read_text() == server.known_hosts
    assert await said(line) == "in\n"


async def test_a_key_of_another_kind_is_a_changed_key(
    server: Sshd, make_line: MakeLine
) -> None:
    line = make_line(server)
    server.new_host_key("ecdsa")
    server.restart()
    refused = await refusal(line)
    assert "HAS CHANGED" in refused.message
    assert refused.details["kind"].startswith("ecdsa")
    assert refused.details["fingerprint"] == server.fingerprint


async def test_a_revoked_key_cannot_be_accepted(
    server: Sshd, make_line: MakeLine, places: Places
) -> None:
    line = make_line(server)
    know(places, f"@revoked * {server.public_host_key}\n")
    assert "revoked" in (await refusal(line)).message
    with pytest.raises(LinkRefused, match="revoked"):
        await line.trust(server.fingerprint)


async def test_a_host_whose_certificate_an_authority_signed(
    make_server: MakeServer, make_line: MakeLine, places: Places, tmp_path: Path
) -> None:
    server = make_server()
    authority = make_key(tmp_path / "authority")
    server.sign_host_key(tmp_path / "authority", "127.0.0.1")
    server.restart()
    unknown = await refusal(make_line(server, known=False))
    assert unknown.details["fingerprint"] == server.fingerprint
    know(places, f"@cert-authority 127.0.0.1,[127.0.0.1]:* {authority}\n")
    assert await said(make_line(server, known=False)) == "in\n"


async def test_a_certificate_for_another_host_is_refused(
    make_server: MakeServer, make_line: MakeLine, places: Places, tmp_path: Path
) -> None:
    server = make_server()
    authority = make_key(tmp_path / "authority")
    server.sign_host_key(tmp_path / "authority", "elsewhere.example")
    server.restart()
    know(places, f"@cert-authority * {authority}\n")
    assert "cannot be trusted" in (await refusal(make_line(server, known=False))).message


async def test_an_authority_that_is_not_ours_is_refused(
    make_server: MakeServer, make_line: MakeLine, places: Places, tmp_path: Path
) -> None:
    server = make_server()
    stranger, ours = make_key(tmp_path / "stranger"), make_key(tmp_path / "ours")
    server.sign_host_key(tmp_path / "stranger", "127.0.0.1")
    server.restart()
    know(places, f"@cert-authority * {ours}\n")
    assert fingerprint(stranger) in (await refusal(make_line(server, known=False))).message


async def test_an_authority_whose_host_has_no_certificate(
    server: Sshd, make_line: MakeLine, places: Places, tmp_path: Path
) -> None:
    know(places, f"@cert-authority * {make_key(tmp_path / 'authority')}\n")
    refused = await refusal(make_line(server, known=False))
    assert refused.details["fingerprint"] == server.fingerprint


async def test_a_key_that_the_host_does_not_know(
    server: Sshd, make_line: MakeLine, tmp_path: Path
) -> None:
    make_key(tmp_path / "stranger")
    refused = await refusal(make_line(server, identity=str(tmp_path / "stranger")))
    assert f"does not let {USER} in" in refused.message
    assert str(tmp_path / "stranger") in refused.message
    assert refused.details == {
        "user": USER,
        "host": f"127.0.0.1:{server.port}",
        "methods": ["publickey"],
    }


async def test_a_user_whom_the_host_does_not_know(server: Sshd, make_line: MakeLine) -> None:
    address = parse(f"nobody-here@127.0.0.1:{server.port}")
    assert "let nobody-here in" in (await refusal(make_line(server, address=address))).message


async def test_without_any_key(server: Sshd, make_line: MakeLine) -> None:
    assert "every key we have" in (await refusal(make_line(server, identity=None))).message


async def test_the_usual_key_files(server: Sshd, make_line: MakeLine, home: Path) -> None:
    shutil.copy(server.client_key, home / ".ssh" / "id_ed25519")
    assert await said(make_line(server, identity=None)) == "in\n"


async def test_key_files_that_are_none(
    server: Sshd, make_line: MakeLine, tmp_path: Path
) -> None:
    missing, odd = tmp_path / "missing", tmp_path / "odd"
    odd.write_text("hello")
    assert (
        f"{missing} cannot be read"
        in (await refusal(make_line(server, identity=str(missing)))).message
    )
    assert (
        f"{odd} is no private key"
        in (await refusal(make_line(server, identity=str(odd)))).message
    )


async def test_a_passphrase_that_nobody_can_be_asked_for(
    server: Sshd, make_line: MakeLine, tmp_path: Path
) -> None:
    key = tmp_path / "locked"
    server.allow(make_key(key, passphrase="secret"))
    line = make_line(server, identity=str(key))
    assert f"does not let {USER} in" in (await refusal(line)).message
    key.with_name("locked.pub").unlink()
    refused = await refusal(line)
    assert f"`ssh-add {key}`" in refused.message


def give(agent: str, key: Path, passphrase: str, tmp_path: Path) -> None:
    """Add a locked key to the agent, as a person would who types its passphrase."""
    ask = tmp_path / "ask"
    ask.write_text(f"#!/bin/sh\necho {passphrase}\n")
    ask.chmod(0o755)
    env = os.environ | {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run(["ssh-add", "-q", key], env=env, check=True, capture_output=True)


async def test_an_agent_lends_its_keys(server: Sshd, make_line: MakeLine, agent: str) -> None:
    subprocess.run(["ssh-add", "-q", server.client_key], check=True, capture_output=True)
    assert await said(make_line(server, identity=None)) == "in\n"
    assert await said(make_line(server, identity=None), "echo $SSH_AUTH_SOCK.") == ".\n"


async def test_an_agent_has_the_key_with_the_passphrase(
    server: Sshd, make_line: MakeLine, agent: str, tmp_path: Path
) -> None:
    key = tmp_path / "locked"
    server.allow(make_key(key, passphrase="secret"))
    give(agent, key, "secret", tmp_path)
    assert await said(make_line(server, identity=str(key))) == "in\n"


async def test_a_named_key_rules_out_those_of_the_agent(
    server: Sshd, make_line: MakeLine, agent: str, tmp_path: Path
) -> None:
    subprocess.run(["ssh-add", "-q", server.client_key], check=True, capture_output=True)
    make_key(tmp_path / "stranger")
    line = make_line(server, identity=str(tmp_path / "stranger"))
    assert "does not let" in (await refusal(line)).message


async def test_an_alias_of_the_configuration(
    server: Sshd, make_line: MakeLine, home: Path
) -> None:
    (home / ".ssh" / "config").write_text(
        f"Host far-*\n  HostName 127.0.0.1\n  Port {server.port}\n  User {USER}\n"
        f"  IdentityFile {server.client_key}\n  ForwardAgent yes\n  RemoteCommand false\n"
        "  RequestTTY force\n  SetEnv A=b\n"
    )
    line = make_line(server, address=parse("far-7"), identity=None, ssh_config=True)
    assert await said(line) == "in\n"
    without = make_line(server, address=parse("far-7.invalid"), identity=None)
    with pytest.raises(Unreachable, match=r"far-7\.invalid does not resolve"):
        await without.open("touch in", Heard())


async def test_known_hosts_of_the_account_count_with_its_configuration_only(
    server: Sshd, make_line: MakeLine, home: Path
) -> None:
    (home / ".ssh" / "known_hosts").write_text(server.known_hosts)
    assert await said(make_line(server, known=False, ssh_config=True)) == "in\n"
    assert "not known" in (await refusal(make_line(server, known=False))).message


async def test_the_configuration_may_not_switch_verification_off(
    server: Sshd, make_line: MakeLine, home: Path
) -> None:
    (home / ".ssh" / "config").write_text(
        "Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile none\n"
    )
    line = make_line(server, known=False, ssh_config=True)
    assert "not known" in (await refusal(line)).message
    assert line.warnings == [
        f"{home}/.ssh/config line 2: StrictHostKeyChecking has no effect, "
        "host keys are always verified here"
    ]
    assert make_line(server).warnings == []


async def test_local_commands_run_only_with_the_configuration(
    server: Sshd, make_line: MakeLine, home: Path, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    (home / ".ssh" / "config").write_text(
        f'Match exec "touch {ran}"\n  ProxyCommand nc 127.0.0.1 {server.port}\n'
    )
    assert await said(make_line(server)) == "in\n"
    assert not ran.exists()
    await said(make_line(server, ssh_config=True)) if shutil.which("nc") else None
    assert ran.exists() or not shutil.which("nc")


async def test_a_port_that_cannot_be(home: Path, server: Sshd, make_line: MakeLine) -> None:
    (home / ".ssh" / "config").write_text("Host far\n  Hostname 127.0.0.1\n  Port 655359\n")
    refused = await refusal(make_line(server, address=parse("far"), ssh_config=True))
    assert "the SSH setup for far" in refused.message
    assert "is not right" in refused.message


async def test_what_breaks_the_ssh_of_ours_is_tried_again(
    server: Sshd, make_line: MakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = make_line(server)

    async def broken(**_: object) -> None:
        raise struct.error("unpack requires 4 bytes")

    with monkeypatch.context() as breaking:
        breaking.setattr(asyncssh, "connect", broken)
        with pytest.raises(Unreachable, match="breaks our SSH: error: unpack requires"):
            await line.open("echo in", Heard())
    assert await said(line) == "in\n"


async def test_a_configuration_that_makes_no_sense(
    server: Sshd, make_line: MakeLine, home: Path
) -> None:
    (home / ".ssh" / "config").write_text("Port many\n")
    refused = await refusal(make_line(server, ssh_config=True))
    assert "line 1" in refused.message


@pytest.fixture
def jump(make_server: MakeServer) -> Sshd:
    return make_server()


def through(home: Path, jump: Sshd, far: Sshd, jumps: str = "door") -> None:
    (home / ".ssh" / "config").write_text(
        f"Host door\n  HostName 127.0.0.1\n  Port {jump.port}\n  User {USER}\n"
        f"  IdentityFile {jump.client_key}\n  UserKnownHostsFile none\n"
        f"Host far\n  HostName 127.0.0.1\n  Port {far.port}\n  User {USER}\n"
        f"  IdentityFile {far.client_key}\n  ProxyJump {jumps}\n"
    )


async def test_through_a_jump_host(
    server: Sshd, jump: Sshd, make_line: MakeLine, places: Places, home: Path
) -> None:
    through(home, jump, server)
    know(places, jump.known_hosts)
    line = make_line(server, address=parse("far"), identity=None, ssh_config=True)
    assert await said(line) == "in\n"
    assert "Accepted publickey" in jump.log.read_text()
    heard = Heard()
    await line.open("exec cat", heard)
    jump.kill_children()
    assert await heard.lost()
    assert await said(line) == "in\n"


async def test_a_jump_host_is_verified_too(
    server: Sshd, jump: Sshd, make_line: MakeLine, places: Places, home: Path
) -> None:
    through(home, jump, server)
    line = make_line(server, known=False, address=parse("far"), identity=None, ssh_config=True)
    for host in (jump, server):
        refused = await refusal(line)
        assert refused.details["fingerprint"] == host.fingerprint
        await line.trust(host.fingerprint)
    assert await said(line) == "in\n"


async def test_jump_hosts_in_a_circle(
    server: Sshd, jump: Sshd, make_line: MakeLine, home: Path
) -> None:
    through(home, jump, server, jumps="far")
    line = make_line(server, address=parse("far"), identity=None, ssh_config=True)
    assert "jump hosts" in (await refusal(line)).message


async def test_a_jump_host_that_lets_nobody_through(
    server: Sshd, make_server: MakeServer, make_line: MakeLine, places: Places, home: Path
) -> None:
    jump = make_server(settings=["AllowTcpForwarding no"])
    through(home, jump, server)
    know(places, jump.known_hosts)
    line = make_line(server, address=parse("far"), identity=None, ssh_config=True)
    assert "lets nobody through" in (await refusal(line)).message


async def test_a_host_behind_the_jump_host_that_does_not_answer(
    server: Sshd, jump: Sshd, make_line: MakeLine, places: Places, home: Path
) -> None:
    through(home, jump, server)
    know(places, jump.known_hosts)
    server.stop()
    line = make_line(server, address=parse("far"), identity=None, ssh_config=True)
    with pytest.raises(Unreachable, match="jump host cannot reach"):
        await line.open("touch in", Heard())


async def test_user_certificates(server: Sshd, make_line: MakeLine, tmp_path: Path) -> None:
    authority, key = make_key(tmp_path / "authority"), tmp_path / "mine"
    make_key(key)
    words = ["ssh-keygen", "-q", "-s", f"{tmp_path}/authority", "-I", "me", "-n", USER]
    subprocess.run([*words, f"{key}.pub"], check=True, capture_output=True)
    server.allow(f"cert-authority {authority}")
    assert (await said(make_line(server, identity=str(key)))) == "in\n"
