"""The bytes of protocol 1, which every later version must still understand."""

import msgspec
import pytest

from engine.control import frames, messages
from engine.control.asks import decode_ask, verbs
from engine.control.messages import PROTOCOL, VERSION, Request, Stream, answer_type
from tests.engine.control.samples import ANSWERS, ERROR, REQUESTS
from tests.kit.golden import GOLDEN, check_golden

CALLS = "frames/calls-1.ndjson"
REPLIES = "frames/replies-1.ndjson"


def lines(framed: list[bytes]) -> str:
    return "".join(body.decode() + "\n" for f in framed for body in frames.Deframer().feed(f))


def golden(name: str) -> list[bytes]:
    return (GOLDEN / name).read_bytes().splitlines()


def test_calls_are_sent_as_agreed() -> None:
    sent = [frames.encode_ask(n, ask) for n, ask in enumerate(REQUESTS, 1)]
    check_golden(CALLS, lines([*sent, frames.encode_drop(7)]))


def test_replies_are_sent_as_agreed() -> None:
    sent = [frames.encode_ok(n, answer) for n, answer in enumerate(ANSWERS, 1)]
    item = frames.encode_item(98, ANSWERS[0])
    check_golden(REPLIES, lines([*sent, item, frames.encode_error(99, ERROR)]))


@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_old_calls_are_understood(number: int) -> None:
    call = frames.decode_call(golden(CALLS)[number])
    assert call.id == number + 1
    assert decode_ask(call.ask) == REQUESTS[number]


@pytest.mark.parametrize("number", range(len(ANSWERS)))
def test_old_replies_are_understood(number: int) -> None:
    reply = frames.decode_reply(golden(REPLIES)[number])
    sample = ANSWERS[number]
    assert msgspec.json.decode(reply.ok, type=type(sample)) == sample


def test_an_old_error_is_understood() -> None:
    failure = frames.decode_reply(golden(REPLIES)[-1]).error
    assert failure is not None
    assert vars(failure.error()) == vars(ERROR)


def test_every_verb_and_every_answer_has_a_sample() -> None:
    kinds = (*Request.__subclasses__(), *Stream.__subclasses__())
    assert {type(ask) for ask in REQUESTS} == set(kinds)
    assert {answer_type(kind) for kind in kinds} <= {type(answer) for answer in ANSWERS}
    assert set(verbs()) == {kind.__struct_config__.tag for kind in kinds}


def test_a_newer_clients_extra_field_is_no_error() -> None:
    ask = decode_ask(msgspec.Raw(b'{"verb": "show", "id": 3, "from_the_future": true}'))
    assert ask == messages.ShowJob(id=3)


def test_the_version_is_that_of_the_package() -> None:
    import tomllib
    from pathlib import Path

    project = Path(__file__).parents[3] / "pyproject.toml"
    assert tomllib.loads(project.read_text())["project"]["version"] == VERSION
    assert PROTOCOL == 1
