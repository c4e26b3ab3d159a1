"""Who may talk to the console in the browser: pure answers, no web here.

A page on the internet can make its visitor's browser send requests to 127.0.0.1, also
under a name of its own that it resolves to there. So every request has to name us by an
address of ours (`Host`), a page that speaks has to be our own (`Origin`), and the browser
has to be one that was shown a secret: the token of the printed address, once, then a cookie.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

COOKIE: Final = "crabtui_{port}"
"""By port: cookies do not tell ports apart, and there may be two of us."""

HOSTS: Final = ("127.0.0.1", "localhost")

PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "font-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""With every answer: nothing from elsewhere, in nobody's frame, nowhere remembered."""


def a_secret() -> str:
    """256 bits that nobody guesses, fit for an address."""
    return secrets.token_urlsafe(32)


@dataclass(slots=True)
class Guard:
    """What one server lets in; a token works once."""

    port: int
    token: str = field(default_factory=a_secret)
    _visitors: set[str] = field(default_factory=set)

    @property
    def cookie(self) -> str:
        """The name of the cookie that a browser shows."""
        return COOKIE.format(port=self.port)

    @property
    def address(self) -> str:
        """Where one browser can come in, once."""
        return f"http://{HOSTS[0]}:{self.port}/?token={self.token}"

    def refusal(self, headers: Mapping[str, str], *, speaks: bool) -> str:
        """Why these headers are not for us; empty if they are.

        `speaks`: it would open a conversation, so it has to come from a page of ours.
        """
        host = headers.get("Host", "").lower()
        if host not in {f"{name}:{self.port}" for name in HOSTS}:
            return "this is no address of this console"
        origin = headers.get("Origin")
        if origin is None and speaks:
            return "only pages talk to it, and they say which they are"
        if origin is not None and origin.lower() != f"http://{host}":
            return "another page may not talk to it"
        return ""

    def admit(self, token: str) -> str | None:
        """The cookie's value for whoever shows the token, which is used up by that."""
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return None
        self.token = a_secret()
        visitor = a_secret()
        self._visitors.add(visitor)
        return visitor

    def knows(self, visitor: str | None) -> bool:
        """Whether this cookie was given by us."""
        if not visitor:
            return False
        shown = visitor.encode()
        return any(secrets.compare_digest(shown, known.encode()) for known in self._visitors)
