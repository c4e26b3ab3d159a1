"""What a host says is taken apart, and nonsense is told apart from words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends import texts
from engine.backends.protocol import HostState
from engine.runner import host_words

FACTS = {
    "ident": "h/b/1",
    "epoch": "7",
    "cpu_milli": "2000",
    "memory_mb": "1",
    "storage_mb": "1",
}


def told(**facts: bytes) -> list[bytes]:
    pairs = {**{key: text.encode() for key, text in FACTS.items()}, **facts}
    return [key.encode() + b"=" + texts.to_sh(text) for key, text in pairs.items()]


@given(st.binary())
def test_texts_come_back(data: bytes) -> None:
    for to, back in ((texts.to_sh, texts.from_sh), (texts.to_python, texts.from_python)):
        word = to(data)
        assert back(word) == data
        assert word.isascii()
        assert not set(word) & set(b" \n\t\r\0'\"")


@given(st.binary())
def test_a_line_is_a_status_or_an_error(line: bytes) -> None:
    try:
        status = texts.status_of(line)
    except ValueError:
        return
    assert status.state in set(HostState)


@pytest.mark.parametrize(
    "line",
    [
        b"1-1-1 running 77",
        b"1-1-1 dancing 77 5 h/b/1 - - - 0 9 - - ",
        b"1-1-1 running x 5 h/b/1 - - - 0 9 - - ",
        b"1-1-1 running 99999999999999999999 5 h/b/1 - - - 0 9 - - ",
        b"1-1-1 exited 77 5 h/b/1 -99999999999999999999 - - 0 9 - - ",
    ],
)
def test_what_is_no_status(line: bytes) -> None:
    with pytest.raises(ValueError):
        texts.status_of(line)


def test_a_status() -> None:
    line = b"1-1-1 exited 77 5 h/b/1 - 9 stop 3 12 900 25 a message, \xff"
    status = texts.status_of(line)
    assert (status.attempt, status.state, status.pid, status.signal) == (
        "1-1-1",
        "exited",
        77,
        9,
    )
    assert (status.code, status.why, status.owner) == (None, "stop", 12)
    assert (status.softened, status.paused) == (True, True)
    assert (status.began_ms, status.ended_ms) == (900, 25)
    assert status.message == "a message, \N{REPLACEMENT CHARACTER}"


def test_names_that_are_no_unicode_are_left_out_and_said() -> None:
    odd = told(path=b"/bin:/caf\xe9:/usr/bin", home=b"/home/ana", user=b"\xe9ve")
    facts = texts.facts_of(odd, texts.from_sh, "sh")
    assert (facts.path, facts.home, facts.user) == ("/bin:/usr/bin", "/home/ana", "")
    [said] = facts.warnings
    assert said == "PATH there has entries that are not UTF-8: jobs get it without them"


def test_a_host_tells_names_that_are_no_unicode_byte_by_byte() -> None:
    [word] = host_words.pairs([("user", "\udce9ve")])
    assert word == b"user=" + host_words.encoded(b"\xe9ve")


@pytest.mark.parametrize("number", [b"", b"x", b"99999999999999999999", b"1e9"])
def test_facts_with_odd_numbers(number: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        texts.facts_of(told(memory_mb=number), texts.from_sh, "sh")
