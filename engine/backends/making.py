"""Making: from what is configured of a worker to what drives it."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import Final, cast

from engine.backends import registry
from engine.backends.detached import DetachedBackend
from engine.backends.foreign import ForeignBackend
from engine.backends.held_up import Watch
from engine.backends.hosting import Abode
from engine.backends.local_shell import LocalShell
from engine.backends.plugin import Site
from engine.backends.pool.toolbox import Toolbox
from engine.backends.protocol import Backend
from engine.backends.ssh.handshakes import Handshakes
from engine.backends.ssh.line import SshLine
from engine.backends.ssh.options import Patience, Places, Target
from engine.backends.stream_shell import StreamShell
from engine.clock import Clock
from engine.config import LOCAL, SSH, Settings, WorkerRules
from engine.config.backends import MOCK, POOL
from engine.errors import InvalidSpec, LinkRefused
from engine.model.address import parse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Driver:
    """What drives one worker."""

    backend: Backend
    trust: Callable[[str], Awaitable[None]]
    """Accepts the key of its host, if it has this fingerprint. Raises: InvalidSpec,
    LinkRefused, Unreachable; then nothing was accepted.
    """
    authorize: Callable[[str, str | None], Awaitable[str]]
    """The line of `authorized_keys` for a public key that is to speak these verbs, or all.
    Raises: InvalidSpec, LinkRefused, Unreachable.
    """


MOCK_ALLOWED: Final = "CRABTUI_MOCK_BACKEND"
"""Variable of the daemon's environment without which no worker has the mock backend."""


class Making:
    """Builds drivers; connects nothing."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        controller: str,
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Prepare.

        Args:
            settings: Of the daemon.
            clock: Of everything.
            controller: Who we are on hosts elsewhere: one spool for each.
            environ: The daemon's; says whether there may be a mock backend.
        """
        self._environ = environ
        self._kinds: Mapping[str, Callable[[str, WorkerRules], Driver]] = {
            LOCAL: self._local,
            SSH: self._ssh,
            POOL: self._pool,
            MOCK: self._mock,
        }
        self._settings = settings
        self.toolbox = Toolbox(settings.state_dir / "tools.json")
        """What pools say of their tools."""
        self._clock = clock
        self.on_held_up: Callable[[str, str], None] = lambda subject, said: log.error(
            "%s held up all else: %s", subject, said
        )
        """Told whose code kept the event loop to itself, for how long, and in which verb."""
        self._controller = controller
        self._mark = token_hex(8)
        self._places = Places(known_hosts=settings.known_hosts)
        self._handshakes = Handshakes()

    def make(self, name: str, rules: WorkerRules) -> Driver:
        """What drives a worker of these rules."""
        return self._kinds.get(rules.backend, self._foreign)(name, rules)

    def _local(self, name: str, _: WorkerRules) -> Driver:
        here = LocalShell(self._settings.spool_of(name))
        return _alone(DetachedBackend(here, self._clock))

    def _foreign(self, name: str, rules: WorkerRules) -> Driver:
        """Of a package's kind: it is looked for, and loaded, at the first contact."""
        site = Site(
            worker=name,
            controller=self._controller,
            folder=self._settings.state_dir / "backends" / rules.backend / name,
            clock=self._clock,
            lease_ttl_s=self._settings.lease_ttl_s,
        )
        make = partial(registry.make, rules.backend, site, rules.options)
        backend = ForeignBackend(rules.backend, make, self._watch(name, rules.backend))
        return _alone(cast(Backend, backend))

    def _watch(self, name: str, kind: str) -> Watch:
        """Tells of what of a package keeps the daemon from everything else."""

        def tell(verb: str, took_s: float) -> None:
            subject = f"worker {name}: backend {kind!r} (a package's)"
            self.on_held_up(subject, f"{took_s:.1f} s in `{verb}`")

        return Watch(self._clock, tell)

    def _pool(self, name: str, rules: WorkerRules) -> Driver:
        """Made at the first contact: what it imports costs nobody else anything."""
        return _alone(
            cast(Backend, ForeignBackend(POOL, partial(self._made_pool, name, rules)))
        )

    def _made_pool(self, name: str, rules: WorkerRules) -> Backend:
        from engine.backends.pool.making import make_pool  # most daemons have none

        folder = self._settings.state_dir / "pools" / name
        return make_pool(name, rules.options, folder, self._clock, self.toolbox, self._environ)

    def _mock(self, _: str, rules: WorkerRules) -> Driver:
        return _alone(cast(Backend, ForeignBackend(MOCK, partial(self._pretender, rules))))

    def _pretender(self, rules: WorkerRules) -> Backend:
        if self._environ.get(MOCK_ALLOWED) != "1":
            raise LinkRefused(
                f"backend {MOCK!r} runs nothing and is for tests: it needs {MOCK_ALLOWED}=1 in "
                "the daemon's environment",
                field="backend",
            )
        from engine.backends.mock import MockBackend  # for tests only
        from engine.backends.mock_host import script_of

        return MockBackend(self._clock, script_of(rules.options))

    def _ssh(self, name: str, rules: WorkerRules) -> Driver:
        line = self._line(name, rules)
        abode = Abode(
            root=rules.spool or "-",
            controller=self._controller,
            mark=self._mark,
            python=rules.python,
        )
        shell = StreamShell(line, self._clock, abode)
        backend = DetachedBackend(shell, self._clock, elsewhere=True)
        return Driver(backend, line.trust, partial(_authorize, line, abode, self._clock))

    def _line(self, name: str, rules: WorkerRules) -> SshLine:
        identity = None if rules.identity is None else str(Path(rules.identity).expanduser())
        target = Target(
            name=name,
            address=parse(rules.address),
            identity=identity,
            ssh_config=rules.ssh_config,
            patience=self._patience(),
        )
        return SshLine(target, self._places, self._handshakes, self._clock)

    def _patience(self) -> Patience:
        """A line that has died unseen is found well within a lease."""
        usual = Patience()
        per_lease_s = self._settings.lease_ttl_s / (2 * usual.keepalive_count)
        return replace(usual, keepalive_s=min(usual.keepalive_s, per_lease_s))


def _alone(backend: Backend) -> Driver:
    """What drives a worker that has no keys."""
    return Driver(backend, _trust_nobody, _authorize_nobody)


async def _authorize(
    line: SshLine, abode: Abode, clock: Clock, key: str, verbs: str | None
) -> str:
    from engine.backends.ssh.authorize import authorize  # loads asyncssh

    return await authorize(line, abode, clock, key, verbs)


async def _authorize_nobody(_: str, __: str | None) -> str:
    raise InvalidSpec("this worker is not entered by a key", field="name")


async def _trust_nobody(fingerprint: str) -> None:
    raise InvalidSpec(f"this worker has no host key, {fingerprint[:60]!r} neither")
