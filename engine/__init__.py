"""The engine: durable, fenced, explainable jobs on the machines that you can reach.

A folder answers one question.

    model      what is: jobs, attempts, events, states, resources; frozen values
    policy     what should happen: pure functions from a snapshot to decisions with reasons
    loops      what happens: each looks, asks a policy, writes, waits
    ledger     the working set and the one writer: the only way to change anything
    timeline   every event in order: replayed from the store, then followed live
    store      remembering: one protocol, a folder for each database
    artifacts  keeping files by their content, verified and bounded
    backends   doing: one protocol, several ways to run an attempt
    runner     the detached runner that owns an attempt on its host; it travels alone
    tools      typed Python functions that jobs can call, and the process that calls them
    stages     steps with a context, as calls or in line
    hooks      what travels to a host to make an HTTP call
    control    the door: messages, views, frames, two clients
    daemon     the process: the only place that knows everybody

Around it, for programs of others:

    telemetry    names to attach to, spans, and the events of experiments
    experiments  proposer, antagonist, synthesizer and training steps over the client
    testing      the contract that every backend keeps, to be inherited

Programs that want to submit and watch need the client alone:

    from engine import connect_blocking, messages, submission
    with connect_blocking(state_dir) as client:
        [(job, _)] = client.call(submission({"command": "make test"})).ids
        client.call(messages.Wait(ids=(job,)))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.control import messages, views
    from engine.control.blocking import BlockingClient
    from engine.control.blocking import connect as connect_blocking
    from engine.control.client import Client, connect
    from engine.control.flow_builder import Flow
    from engine.control.submission import submission

_PUBLIC = {
    "BlockingClient": ("engine.control.blocking", "BlockingClient"),
    "Client": ("engine.control.client", "Client"),
    "Flow": ("engine.control.flow_builder", "Flow"),
    "connect": ("engine.control.client", "connect"),
    "connect_blocking": ("engine.control.blocking", "connect"),
    "messages": ("engine.control.messages", None),
    "submission": ("engine.control.submission", "submission"),
    "views": ("engine.control.views", None),
}

__all__ = [
    "BlockingClient",
    "Client",
    "Flow",
    "connect",
    "connect_blocking",
    "messages",
    "submission",
    "views",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that a client starts in milliseconds."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    loaded = import_module(module)
    return loaded if attribute is None else getattr(loaded, attribute)
