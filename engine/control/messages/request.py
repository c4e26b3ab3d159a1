"""What requests are made of."""

from typing import Annotated, Any, Generic, TypeVar, get_args

import msgspec

PROTOCOL = 1

VERSION = "0.1.0"
"""Of both packages, where a client can read it without looking for its metadata."""

R = TypeVar("R")


Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A number that a database can hold; what is possible and does not exist is not found."""

Ms = Annotated[int, msgspec.Meta(ge=-(10**13), le=10**13)]
"""Milliseconds, three centuries at most."""


class Request(msgspec.Struct, Generic[R], frozen=True, kw_only=True, tag_field="verb"):
    """A question with one answer of type R."""


class Stream(msgspec.Struct, Generic[R], frozen=True, kw_only=True, tag_field="verb"):
    """A question answered by many R, until the daemon or the client ends it."""


class Targets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which jobs an act is for: `ids`, or all that match the filter `where`."""

    ids: tuple[Whole, ...] = ()
    where: str | None = None
    seq: Whole | None = None
    """With `where`: as of this event; jobs that came or changed since are left alone."""
    key: str = ""
    """Made by the client, to follow the act, stop it, and read its receipt."""


def answer_type(kind: type[Any]) -> Any:
    """The type that answers (or, for a Stream, each item that answers) a request class."""
    return get_args(kind.__orig_bases__[0])[0]
