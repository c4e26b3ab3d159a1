"""Addresses are read as people write them, and refused with what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.model.address import Address, parse


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("gpu1", None, "gpu1", None),
        ("ada@gpu1", "ada", "gpu1", None),
        ("ada@gpu1.example.org:2222", "ada", "gpu1.example.org", 2222),
        ("ada@10.0.0.7:22", "ada", "10.0.0.7", 22),
        ("ada@[fe80::1]:2222", "ada", "fe80::1", 2222),
        ("[2001:DB8::1]", None, "2001:db8::1", None),
        ("2001:db8::1", None, "2001:db8::1", None),
        ("ssh://ada@gpu1:2222", "ada", "gpu1", 2222),
        ("SSH://gpu1/", None, "gpu1", None),
        ("ssh://a%2Bb@[::1]:22", "a+b", "::1", 22),
        ("domain\\ada@gpu_1", "domain\\ada", "gpu_1", None),
        ("ada@example.org@gpu1", "ada@example.org", "gpu1", None),
    ],
)
def test_forms(text: str, user: str | None, host: str, port: int | None) -> None:
    assert parse(text) == Address(host, user, port)
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no host"),
        ("ada@", "names no host"),
        ("@gpu1", "'' is no name of a user"),
        ("ada@gpu1:", "port ''"),
        ("ada@gpu1:ssh", "port 'ssh'"),
        ("ada@gpu1:0", "port '0'"),
        ("ada@gpu1:65536", "port '65536'"),
        ("ada@gpu1:0000655359", "port '0000655359'"),
        ("ada@gpu1:٢٢", "port"),
        ("ada@gpu1:2222222222222222", "1 to 65535"),
        ("gpu1:22:22", "no colons"),
        ("[gpu1]:22", "no IPv6 address"),
        ("[::1:22", "is not [address]:port"),
        ("[::1]22", "is not [address]:port"),
        ("-oProxyCommand=true", "no name of a host"),
        ("-l@gpu1", "'-l' is no name of a user"),
        ("a da@gpu1", "no name of a user"),
        ("ada@gpu 1", "no name of a host"),
        ("ada@gpu1\n", "no name of a host"),
        ("ada@$(id)", "no name of a host"),
        ("ssh://ada:secret@gpu1", "no password"),
        ("ssh://gpu1/home/ada", "ends with the port"),
        ("ssh://a%0Ab@gpu1", "no name of a user"),
    ],
)
def test_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        parse(text, field="workers.far.address")
    assert says in refused.value.message
    assert refused.value.field == "workers.far.address"
    assert "secret" not in refused.value.message


@given(st.text())
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        address = parse(text)
    except InvalidSpec:
        return
    assert parse(str(address)) == address
    assert not address.host.startswith("-")
    assert not any(letter.isspace() for letter in str(address))
