"""With which key we come: what asyncssh is to be told of it."""

from pathlib import Path
from typing import Any

import asyncssh

from engine.errors import LinkRefused


def named(identity: str | None) -> dict[str, Any]:
    """Settings that use this private key and no other; none if no key is named.

    A key with a passphrase is left to an agent that has it.

    Raises:
        LinkRefused: the file is not there, is no private key, or has a passphrase that
            nobody could be asked for.
    """
    if identity is None:
        return {}
    path = Path(identity).expanduser()
    try:
        asyncssh.read_private_key(path)
    except OSError as error:
        raise LinkRefused(f"the key {path} cannot be read: {error.strerror}") from None
    except asyncssh.KeyEncryptionError as error:
        raise LinkRefused(f"the key {path} cannot be read: {error}") from None
    except asyncssh.KeyImportError as error:
        if "passphrase" not in str(error).lower():
            raise LinkRefused(f"{path} is no private key: {error}") from None
        return _by_agent(path)
    return {"client_keys": [str(path)], "agent_path": None}


def _by_agent(path: Path) -> dict[str, Any]:
    public = path.with_name(f"{path.name}.pub")
    if not public.is_file():
        raise LinkRefused(
            f"the key {path} has a passphrase, and nobody is there to be asked for it: "
            f"give it to your agent (`ssh-add {path}`) and put {public.name} beside it"
        )
    return {
        "client_keys": [str(path)],
        "ignore_encrypted": True,
        "agent_identities": [str(public)],
    }
