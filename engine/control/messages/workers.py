"""Workers: looking at them, and what can be done to them."""

from engine.control import views
from engine.control.messages.request import Request


class ListWorkers(Request[views.WorkersView], frozen=True, tag="workers"):
    """All workers with what is taken of them."""


class SetWorker(Request[views.Acted], frozen=True, tag="set_worker"):
    """Drain a worker, or let it take work again."""

    name: str
    drain: bool
    why: str = ""
