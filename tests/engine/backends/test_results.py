"""What an attempt is told, and what it leaves as its result, on every kind of host."""

import json
import os
from pathlib import Path

import pytest

from engine.backends.protocol import RESULT_BYTES
from tests.engine.backends.conftest import MakeHands
from tests.engine.backends.hands import EPOCH, PATH, Hands

CONTEXT = json.dumps({"text": 'it\'s "x" $y `z` \\n\n ü \U0001f40d', "list": [1, None]})


async def test_a_context_is_a_file_that_it_is_told_of(hands: Hands, root: Path) -> None:
    env = (PATH, ("CRAB_CONTEXT", "not this"))
    report = await hands.sh(
        'echo "$CRAB_CONTEXT"; cat "$CRAB_CONTEXT"', context=CONTEXT, env=env
    )
    assert (await hands.end(report)).code == 0
    where, told = (await hands.log(report)).split(b"\n", 1)
    assert where == os.fsencode(root / "a" / report.attempt / "context")
    assert told == CONTEXT.encode()


@pytest.mark.parametrize(
    "text", ["", "x" * 16_384, "ü" * 150_000], ids=["empty", "one", "many"]
)
async def test_a_context_of_any_size(hands: Hands, text: str) -> None:
    report = await hands.sh('cat "$CRAB_CONTEXT"', context=text)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report) == text.encode()


async def test_who_has_none_is_told_of_none(hands: Hands) -> None:
    report = await hands.sh("echo ${CRAB_CONTEXT-none} ${CRAB_RESULT-none}")
    await hands.end(report)
    assert await hands.log(report) == b"none none\n"


async def test_a_result_can_be_read_until_it_is_tidied(hands: Hands) -> None:
    script = 'echo log; test ! -e "$CRAB_RESULT" && printf %s \'{"a": 1}\' >"$CRAB_RESULT"'
    report = await hands.sh(script, wants_result=True)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report, "result") == b'{"a": 1}'
    await hands.backend.tidy([report.attempt])
    assert await hands.log(report, "result") == b""
    assert await hands.log(report) == b"log\n"


async def test_it_outlives_a_daemon(make_hands: MakeHands) -> None:
    hands = await make_hands(EPOCH)
    report = await hands.sh('printf 7 >"$CRAB_RESULT"', wants_result=True)
    await hands.end(report)
    again = await make_hands(type(EPOCH)(EPOCH + 1))
    [found] = await again.backend.adopt([report.attempt])
    assert (found.state, found.code) == ("exited", 0)
    assert await again.log(report, "result") == b"7"


@pytest.mark.parametrize(
    "script",
    [
        "true",
        'ln -s /etc/passwd "$CRAB_RESULT"',
        'mkdir "$CRAB_RESULT"',
        'mkfifo "$CRAB_RESULT"',
        'ln -s nowhere "$CRAB_RESULT"',
    ],
    ids=["nothing", "link", "folder", "fifo", "dead link"],
)
async def test_what_is_no_file_is_no_result(hands: Hands, script: str) -> None:
    report = await hands.sh(script, wants_result=True)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report, "result") == b""
    await hands.backend.forget(report.attempt, hands.epoch)
    [gone] = await hands.backend.adopt([report.attempt])
    assert gone.state == "gone"


async def test_one_that_is_too_large_says_how_large(hands: Hands) -> None:
    script = f'head -c {RESULT_BYTES + 5} /dev/zero >"$CRAB_RESULT"'
    report = await hands.sh(script, wants_result=True)
    assert (await hands.end(report)).code == 0
    piece = await hands.backend.tail(report.attempt, "result", 0, RESULT_BYTES)
    assert (piece.size, len(piece.data)) == (RESULT_BYTES + 5, RESULT_BYTES)
