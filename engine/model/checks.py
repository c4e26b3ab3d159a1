"""Checks: the gate that an attempt has to pass after its command has succeeded."""

import msgspec


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to execute where the command ran: exactly one of `argv` and `shell`."""

    argv: tuple[str, ...] = ()
    shell: str | None = None
    """One line for `/bin/sh -c`."""

    @property
    def text(self) -> str:
        """The check on one line, as a person would recognise it."""
        return self.shell if self.shell is not None else " ".join(self.argv)
