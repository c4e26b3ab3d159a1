"""`crabtui workers add`, `reconnect` and `authorize`: hosts, and the keys that open them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from crabtui.cli.completion import complete_workers
from crabtui.cli.frame.acting import tell
from crabtui.cli.frame.asking import at_terminal, says_yes
from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json
from crabtui.cli.reaching.entry import enter
from engine.control.messages import ActOnWorker, AddWorker, AuthorizeKey, Request
from engine.control.views import Acted
from engine.errors import InvalidSpec, LinkRefused

KEYS = ("id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub")
"""Where a public key is looked for, below `~/.ssh`."""

TRUST = click.option(
    "--trust", default="", metavar="SHA256:…", help="Accept the host's key if this is it."
)


@click.command("add", cls=Verb)
@click.argument("name")
@click.argument("address", metavar="[USER@]HOST[:PORT]")
@click.option("--label", "labels", multiple=True, metavar="L", help="Jobs can ask for it.")
@click.option("--slots", type=int, metavar="N", help="Attempts at once; else by its CPUs.")
@click.option("--cpus", type=float, metavar="N", help="Cores that it lends; else all.")
@click.option("--memory", metavar="SIZE", help="Memory that it lends; else all.")
@click.option("--gpus", type=int, metavar="N", help="Devices that it lends; else all found.")
@click.option("--gpu-type", metavar="TYPE", help="Kind of its devices.")
@click.option("--spool", metavar="DIR", help="Folder for attempts there; else below the home.")
@click.option("--clone-base", metavar="DIR", help="Its clones for workspaces; else the usual.")
@click.option("--identity", "-i", metavar="FILE", help="Private key; else agent, usual files.")
@click.option("--ssh-config/--no-ssh-config", default=None, help="Whether ~/.ssh/config holds.")
@click.option("--production", is_flag=True, help="Promotion gates run here and nowhere else.")
@TRUST
def add(name: str, address: str, trust: str, **told: Any) -> int:
    """Add a worker on another machine, reached over SSH; nothing is installed there.

    Its host is reached and asked at once; what cannot be reached is not added.
    """
    table = {"backend": "ssh", "address": address, **_table(told)}
    return _trusting(lambda key: AddWorker(name=name, table=table, trust=key), trust)


def _table(told: dict[str, Any]) -> dict[str, Any]:
    """What was said, as it would stand in the configuration."""
    labels = list(told.pop("labels"))
    if identity := told["identity"]:
        home = str(Path.home()) + "/"
        path = str(Path(identity).expanduser().absolute())
        told["identity"] = path.replace(home, "~/", 1) if path.startswith(home) else path
    kept = {key: value for key, value in told.items() if value is not None}
    if not kept.pop("production"):
        return {**kept, **({"labels": labels} if labels else {})}
    return {**kept, **({"labels": labels} if labels else {}), "production": True}


@click.command("reconnect", cls=Verb)
@click.argument("name", shell_complete=complete_workers)
@TRUST
def reconnect(name: str, trust: str) -> int:
    """Connect with a worker's host now, with a fresh breaker."""
    return _trusting(lambda key: ActOnWorker(name=name, act="reconnect", trust=key), trust)


def _trusting(make: Callable[[str], Request[Acted]], trust: str) -> int:
    """Ask; where the host's key is not known, ask the person at the terminal about it."""
    with enter() as client:
        try:
            return tell(client.call(make(trust)))
        except LinkRefused as refusal:
            if trust or not _accepts(refusal):
                raise
            fingerprint = str(refusal.details["fingerprint"])
        return tell(client.call(make(fingerprint)))


def _accepts(refusal: LinkRefused) -> bool:
    """Whether somebody at the terminal says that an unknown key is the right one."""
    said = refusal.details
    if "fingerprint" not in said or said.get("known") or not at_terminal():
        return False
    complain(f"the {said.get('kind')} key of {said.get('host')} is {said['fingerprint']}")
    return says_yes("Is that the key of this host?")


@click.command("authorize", cls=Verb)
@click.argument("name", shell_complete=complete_workers)
@click.option("--verbs", metavar="V,V…", help="Only these of the runner's verbs; else all.")
@click.option("--key", "file", metavar="FILE", help="A public key; else the usual files.")
def authorize(name: str, verbs: str | None, file: str | None) -> int:
    """Print the authorized_keys line with which a key speaks the runner's verbs only.

    It opens no shell, no terminal and no forwarding on the worker's host.
    """
    ask = AuthorizeKey(name=name, key=_public_key(file), verbs=verbs)
    with enter() as client:
        acted = client.call(ask)
    if setting().as_json:
        say_json({"line": acted.results[0].now})
    else:
        say(acted.results[0].now or "")
    return 0


def _public_key(file: str | None) -> str:
    folder = Path.home() / ".ssh"
    usual = [folder / name for name in KEYS]
    for path in usual if file is None else [Path(file).expanduser()]:
        if path.is_file():
            return _read(path)
    if file is not None:
        raise InvalidSpec(f"there is no file {file!r}", field="key")
    raise InvalidSpec(f"there is no public key in {folder}: name one with --key", field="key")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise InvalidSpec(f"{path} is no public key: it is not text", field="key") from None
