"""`crabtui demo`: a real workload on a daemon of its own, watched here and then gone."""

import signal
import sys
from types import FrameType

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say
from crabtui.data.wording import plural


@click.command(cls=Verb)
@click.option("--keep", is_flag=True, help="Leave its daemon, its jobs and its folder.")
@click.option("--headless", is_flag=True, help="No console: a progress bar and a summary.")
@click.option(
    "--jobs",
    type=click.IntRange(20, 100),
    default=36,
    show_default=True,
    help="About how many jobs.",
)
@click.option(
    "--ssh",
    "hosts",
    type=click.IntRange(1, 9),
    metavar="N",
    help="Run them over SSH, on N throwaway sshd of this machine.",
)
def demo(keep: bool, headless: bool, jobs: int, hosts: int | None) -> int:
    """See it work: compilations, tests, downloads and failures, in a place of its own.

    On a terminal the console opens on it. Quitting ends the demo and removes its folder.
    With --ssh each machine has its own keys, port and home; `4` shows them.
    """
    setting().must_be_here()
    from crabtui.demo.run import demo as running_demo

    _leave_when_told()
    if hosts and sys.stderr.isatty():
        sys.stderr.write(f"starting {plural(hosts, 'machine')} …\n")
    with running_demo(jobs, keep=keep, hosts=hosts or 0) as running:
        setting().given_state = str(running.state)
        if headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
            from crabtui.demo.headless import run_headless

            code = run_headless(running)
        else:
            from crabtui.cli.console import open_console
            from crabtui.start import Start

            code = open_console(Start(address="jobs"))
    if keep:
        say(f"it is still there: crabtui --state {running.state}")
    return code


def _leave_when_told() -> None:
    """Who is asked to end tidies up first."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
