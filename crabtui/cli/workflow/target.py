"""Which run is meant: its number, or the name of a workflow for its newest run."""

from engine.control.blocking import BlockingClient
from engine.control.messages import ListWorkflows
from engine.errors import NotFound
from engine.model.ids import parse_job_id


def run_of(client: BlockingClient, word: str) -> int:
    """The number of the run.

    Raises:
        NotFound: no workflow of this name has run.
    """
    if word.removeprefix("#").isdigit():
        return parse_job_id(word)
    found = client.call(ListWorkflows(name=word, limit=1)).flows
    if not found:
        raise NotFound(
            f"no workflow called {word[:100]!r} has run: `crabtui workflow list`", field="id"
        )
    return found[0].id
