"""What packages bring: found when needed, told apart when broken, and unable to hurt us."""

import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.backends import registry
from engine.backends.foreign import ForeignBackend
from engine.backends.mock import MockBackend
from engine.backends.plugin import Site
from engine.backends.protocol import Order, Report
from engine.clock import ManualClock
from engine.errors import InvalidSpec, LinkRefused, StaleEpoch, StartFailed, Unreachable
from engine.model.ids import AttemptId, Epoch

EPOCH = Epoch(1)
ORDER = Order(attempt=AttemptId("1-1-1"), epoch=EPOCH, argv=("hang",))


def a_site(folder: Path) -> Site:
    return Site(
        worker="far", controller="c", folder=folder, clock=ManualClock(), lease_ttl_s=30
    )


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes packages that announce a backend, with this source."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    made: list[str] = []

    def install(kind: str, source: str, value: str = "PLUGIN") -> None:
        module = f"bring_{kind}_{len(made)}_{tmp_path.name}".replace("-", "_")
        made.append(module)
        info = site / f"{module}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
        entry = f"[crabtui.backends]\n{kind} = {module}:{value}\n"
        (info / "entry_points.txt").write_text(entry)
        (site / f"{module}.py").write_text(source)

    yield install
    for module in made:
        sys.modules.pop(module, None)


GOOD = """
import msgspec
from engine.backends.mock import MockBackend
from engine.backends.plugin import Plugin
from engine.errors import InvalidSpec
class Options(msgspec.Struct, forbid_unknown_fields=True):
    level: int = 3
def make(site, options):
    if options.level > 9:
        raise InvalidSpec("level: at most 9")
    if options.level < 0:
        raise ZeroDivisionError("mine")
    made = MockBackend(site.clock)
    made.options = options
    return made
PLUGIN = Plugin(make=make, options=Options)
"""


def test_a_package_brings_a_backend(install: Any, tmp_path: Path) -> None:
    install("far", GOOD)
    made = registry.make("far", a_site(tmp_path), {"level": 7})
    assert isinstance(made, MockBackend)
    assert made.options.level == 7  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"levle": 1}, "unknown option 'levle': did you mean 'level'?"),
        ({"level": "x"}, "Expected `int`"),
        ({"level": 10}, "at most 9"),
        ({"level": -1}, "ZeroDivisionError: mine"),
    ],
)
def test_options_are_checked_by_the_packages_schema(
    install: Any, tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    install("far", GOOD)
    with pytest.raises(LinkRefused) as refused:
        registry.make("far", a_site(tmp_path), options)
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise RuntimeError('torn')", "RuntimeError: torn"),
        ("raise SystemExit(7)", "SystemExit: 7"),
        ("import no_such_module_at_all", "no_such_module_at_all"),
        ("PLUGIN = 7", "is no engine.backends.plugin.Plugin"),
        ("", "PLUGIN"),
    ],
)
def test_a_package_that_cannot_be_loaded_is_named(
    install: Any, source: str, words: str
) -> None:
    install("far", source)
    with pytest.raises(LinkRefused, match="backend 'far'") as refused:
        registry.load("far")
    assert words in refused.value.message


def test_a_package_that_would_end_the_program_does_not(install: Any, tmp_path: Path) -> None:
    source = GOOD.replace("def make(", "def make(*_):\n    raise SystemExit(9)\n\ndef unmade(")
    assert source != GOOD
    install("far", source)
    with pytest.raises(LinkRefused, match="SystemExit: 9"):
        registry.make("far", a_site(tmp_path), {"level": 1})


def test_no_backend_names_what_there_is(install: Any) -> None:
    install("far", GOOD)
    with pytest.raises(LinkRefused, match="NO_BACKEND") as refused:
        registry.load("fra")
    assert "local, ssh, far" in refused.value.message
    assert refused.value.nearest == "far"


def test_our_names_stay_ours(install: Any) -> None:
    install("local", GOOD)
    with pytest.raises(LinkRefused, match="NO_BACKEND"):
        registry.load("local")


class Faulty(MockBackend):
    """Does each thing wrong in its own way."""

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        return []

    async def look(self) -> Any:
        raise KeyError("mine")

    async def ends(self) -> AsyncIterator[Report]:
        raise ValueError("mine")
        yield

    async def foreign(self) -> list[Report]:
        raise StaleEpoch("somebody else's")

    async def close(self) -> None:
        raise SystemExit("mine")


async def greeted(backend: Any) -> Any:
    held = ForeignBackend("far", lambda: backend)
    await held.hello(EPOCH)
    return held


async def test_whatever_it_raises_is_an_error_that_we_know() -> None:
    held = await greeted(Faulty(ManualClock()))
    with pytest.raises(Unreachable, match="KeyError"):
        await held.look()
    with pytest.raises(Unreachable, match="each order"):
        await held.start([ORDER])
    with pytest.raises(Unreachable, match="ValueError"):
        await anext(held.ends())
    with pytest.raises(LinkRefused, match="somebody else's"):
        await held.foreign()
    await held.close()


async def test_what_it_may_raise_it_may_raise() -> None:
    backend = MockBackend(ManualClock())
    held = await greeted(backend)
    backend.host.cut()
    with pytest.raises(Unreachable, match="does not answer"):
        await held.look()
    backend.host.mend()
    [refused] = await held.start(
        [Order(attempt=AttemptId("2-1-1"), epoch=EPOCH, argv=("refuse",))]
    )
    assert isinstance(refused, StartFailed)


async def test_it_is_made_at_the_first_hello_and_tried_again_at_the_next() -> None:
    asked: list[int] = []

    def make() -> Any:
        asked.append(1)
        if len(asked) == 1:
            raise LinkRefused("not yet")
        return MockBackend(ManualClock())

    held = ForeignBackend("far", make)
    with pytest.raises(Unreachable, match="not asked"):
        await held.look()
    await held.close()
    assert asked == []
    with pytest.raises(LinkRefused, match="not yet"):
        await held.hello(EPOCH)
    assert (await held.hello(EPOCH)).ident == "mock"
    assert (await held.look()).at > 0


async def test_a_verb_that_it_does_not_have_is_no_answer() -> None:
    held = await greeted(MockBackend(ManualClock()))
    with pytest.raises(Unreachable, match="has no 'fly'"):
        await held.fly()


def test_a_plugins_invalid_spec_is_the_workers_trouble(install: Any, tmp_path: Path) -> None:
    install("far", GOOD)
    with pytest.raises(LinkRefused, match=r"workers\.far\.options"):
        registry.make("far", a_site(tmp_path), {"level": 10})
    assert not issubclass(LinkRefused, InvalidSpec)
