"""`crabtui workflow run`: submit a run, and if asked stay with it until it has ended."""

import click
import msgspec

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import plain, say, say_json
from crabtui.cli.reaching.following import through_restarts
from crabtui.cli.submitting.patience import deliverer, room_option
from crabtui.cli.submitting.sending import new_request_key
from crabtui.cli.submitting.surroundings import surroundings
from crabtui.cli.workflow.follow import Follower, exit_code
from crabtui.cli.workflow.sources import definition_of, params_of, source_options
from crabtui.data.wording import plural
from engine.control.blocking import BlockingClient
from engine.control.messages import SubmitWorkflow
from engine.control.views import Submitted


@click.command(cls=Verb)
@source_options
@click.option("--name", "-n", metavar="NAME", default="", help="Instead of its own.")
@click.option("--wait", is_flag=True, help="Return when it has ended: 0 if it succeeded.")
@click.option("--follow", "-f", is_flag=True, help="With --wait: tell of each task.")
@room_option
def run(
    source: str | None,
    template: str | None,
    param: tuple[str, ...],
    params_file: str | None,
    name: str,
    wait: bool,
    follow: bool,
    wait_for_room: bool,
) -> int:
    """Run a workflow: of a FILE, a template, or NAME as it ran last.

    When it returns the run is on disk. A run is a job: cancel, hold, show and wait take its
    number. With --wait it exits 0 if the run succeeded, 1 if it failed, 130 if it was
    canceled. Ctrl-C leaves it running.
    """
    given = params_of(param, params_file)
    ask = SubmitWorkflow(definition={}, request_key=new_request_key(), name=name)

    def send(client: BlockingClient) -> Submitted:
        nonlocal ask
        if not ask.definition:
            definition, had = definition_of(client, source, template)
            ask = msgspec.structs.replace(ask, definition=definition, params=had | given)
        cwd, env = surroundings(client)
        return client.call(msgspec.structs.replace(ask, cwd=cwd, env=env))

    submitted = deliverer({"wait_for_room": wait_for_room})(send)
    number = submitted.ids[0][0]
    if not (wait or follow):
        return _tell(number, submitted)
    if not setting().as_json:
        complain(_sentence(number, submitted))
    return _stay(number, is_told=follow)


def _tell(number: int, submitted: Submitted) -> int:
    if setting().as_json:
        say_json({"run": number, "count": submitted.count, "ids": plain(submitted.ids)})
    else:
        say(_sentence(number, submitted))
    return 0


def _sentence(number: int, submitted: Submitted) -> str:
    return f"#{number} (workflow of {plural(submitted.count - 1, 'job')})"


def _stay(number: int, *, is_told: bool) -> int:
    follower = Follower(number, is_told=is_told)
    try:
        finished = through_restarts(follower.work)
    except KeyboardInterrupt:
        complain(f"#{number} goes on: `crabtui workflow show {number}`")
        raise
    if setting().as_json:
        say_json(plain(finished))
    return exit_code(finished)
