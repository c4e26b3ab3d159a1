"""Workers: looking at them, and what can be done to them."""

from typing import Any

from engine.control import views
from engine.control.messages.request import Request, Whole


class ListWorkers(Request[views.WorkersView], frozen=True, tag="workers"):
    """All workers with what is taken of them."""

    as_of: Whole | None = None
    """The event as of which; None: now."""


class SetWorker(Request[views.Acted], frozen=True, tag="set_worker"):
    """Drain a worker, or let it take work again."""

    name: str
    drain: bool
    why: str = ""


class AddWorker(Request[views.Acted], frozen=True, tag="add_worker"):
    """A new worker, which stays until it is removed.

    The answer comes when its host was reached and asked, or refused: then nothing is added.
    """

    name: str
    table: dict[str, Any]
    """What would stand under `[workers.NAME]`: `backend`, `address`, `slots`, `labels` …"""
    trust: str = ""
    """Fingerprint (`SHA256:…`) of the host key to accept, if the host is not known yet."""


class ActOnWorker(Request[views.Acted], frozen=True, tag="act_on_worker"):
    """One act on one worker.

    `remove` (nothing may run there), `quarantine`, `release` (from
    quarantine), `probe` (look at it now), `reconnect` (now, and with a fresh breaker),
    `reset` (its breaker), `declare_dead` (what runs there is lost: the operator's word is
    proof; the host itself stays fenced off until it is seen again).
    """

    name: str
    act: str
    why: str = ""
    trust: str = ""
    """For `reconnect`: fingerprint of the changed or unknown host key to accept."""


class AuthorizeKey(Request[views.Acted], frozen=True, tag="authorize_key"):
    """Have a worker's host let a key speak the runner's verbs, and nothing else.

    What has to be there is put there; the answer is the line for `authorized_keys`, as what
    the worker is `now`. Whoever owns the account adds it.
    """

    name: str
    key: str
    """A public key, as in a `.pub` file."""
    verbs: str | None = None
    """With commas between; None: all."""
