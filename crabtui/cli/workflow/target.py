"""Which run is meant: its number, or the name of a workflow for its newest run."""

from engine.control.blocking import BlockingClient
from engine.control.messages import ListWorkflows, ShowWorkflow
from engine.errors import InvalidSpec, NotFound
from engine.model.ids import parse_job_id


def run_of(client: BlockingClient, word: str) -> int:
    """The number of the run.

    Raises:
        NotFound: no workflow of this name has run.
        InvalidSpec: the word is empty, as of a variable that is not set.
    """
    if not word.strip():
        raise InvalidSpec("'' names no run: give its number, or a workflow's name", field="id")
    if word.removeprefix("#").isdigit():
        return parse_job_id(word)
    found = client.call(ListWorkflows(name=word, limit=1)).flows
    if not found:
        raise NotFound(
            f"no workflow called {word[:100]!r} has run: `crabtui workflow list`", field="id"
        )
    return found[0].id


def known_run_of(client: BlockingClient, word: str) -> int:
    """The same, of what is to be acted on as a run: no other job will do. Raises: NotFound."""
    return client.call(ShowWorkflow(id=run_of(client, word), limit=1)).flow.id
