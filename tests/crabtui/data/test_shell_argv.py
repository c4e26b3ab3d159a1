"""The words that open a shell on a worker: none of them is ever read by a shell here."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from crabtui.data.shell_argv import shell_argv
from engine.errors import InvalidSpec
from tests.crabtui.fleet import fleet_world
from tests.kit.still_clock import StillClock

KNOWN = Path("/state with space/known_hosts")


def a_worker(**fields):
    worker = next(w for w in fleet_world(StillClock()).workers if w.name == "gpu-01")
    return replace(worker, **fields)


@pytest.mark.parametrize(
    ("address", "ends"),
    [
        ("crab@gpu-01:22", ["-p", "22", "--", "crab@gpu-01"]),
        ("gpu-01", ["--", "gpu-01"]),
        ("crab@[::1]:2222", ["-p", "2222", "--", "crab@::1"]),
    ],
)
def test_ssh_goes_where_the_worker_is(address, ends):
    argv = shell_argv(a_worker(address=address), KNOWN, {})
    assert argv[:4] == ["ssh", "-t", "-a", "-x"]
    assert argv[-len(ends) :] == ends
    assert any('"/state with space/known_hosts"' in word for word in argv)


def test_its_own_key_is_shown():
    argv = shell_argv(a_worker(identity="/keys/one two"), KNOWN, {})
    assert argv[argv.index("-i") + 1] == "/keys/one two"


@pytest.mark.parametrize("address", ["-oProxyCommand=x", "a b", "x:y", "\n"])
def test_what_is_no_address_opens_nothing(address):
    with pytest.raises(InvalidSpec, match="no address"):
        shell_argv(a_worker(address=address), KNOWN, {})


def test_on_this_machine_it_is_ones_own_shell():
    assert shell_argv(a_worker(address=""), KNOWN, {"SHELL": "/bin/zsh"}) == ["/bin/zsh"]
    assert shell_argv(a_worker(address=""), KNOWN, {}) == ["/bin/sh"]
