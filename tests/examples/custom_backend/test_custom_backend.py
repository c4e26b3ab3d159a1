"""A package that brings a backend: installed by pip, used by a daemon, true to the contract."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.plugin import Site
from engine.backends.protocol import Backend
from engine.clock import SystemClock
from engine.control.messages import ListWorkers, ReadLog
from engine.testing.backend_contract import BackendContract, MakeBackend
from tests.examples.custom_backend.crabtui_nice import PLUGIN, Options
from tests.kit.daemon import RealDaemon
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

HERE = Path(__file__).parent


class TestContract(BackendContract):
    """What it starts is started, ended and found again as the engine relies on."""

    @pytest.fixture
    def make_backend(self, tmp_path: Path) -> Iterator[MakeBackend]:
        site = Site(
            worker="polite",
            controller="main",
            folder=tmp_path / "spool",
            clock=SystemClock(),
            lease_ttl_s=30,
        )

        def make() -> Backend:
            return PLUGIN.make(site, Options())

        yield make
        end_all(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip has put the package, and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    source = tmp_path_factory.mktemp("source") / "package"
    subprocess.run(["cp", "-r", HERE, source], check=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--target", folder, source], check=True)
    return folder


def the_daemon(folder: Path, site: Path, options: str) -> RealDaemon:
    daemon = RealDaemon(folder, env={"PYTHONPATH": str(site)})
    daemon.state.mkdir(mode=0o700)
    config = f'[workers.polite]\nbackend = "nice"\noptions = {options}\n'
    (daemon.state / "config.toml").write_text(config)
    return daemon


def trouble_of(daemon: RealDaemon, worker: str) -> str:
    with daemon.client() as client:

        def look() -> str:
            found = {one.name: one for one in client.call(ListWorkers()).workers}
            link = found[worker].link
            return link.error if link else ""

        return wait_until(look, what="its trouble")


def test_a_daemon_runs_jobs_on_it(tmp_path: Path, installed: Path) -> None:
    with the_daemon(tmp_path, installed, "{level = 7}") as daemon:
        job = {"command": ["nice"], "constraints": {"required_backends": ["nice"]}}
        number = daemon.submit(job).ids[0][0]
        ended = daemon.wait_state(number)
        assert (ended.state, ended.worker_id) == ("succeeded", "polite")
        with daemon.client() as client:
            assert client.call(ReadLog(id=number)).data.strip() == b"7"


def test_its_jobs_survive_the_daemon(tmp_path: Path, installed: Path) -> None:
    with the_daemon(tmp_path, installed, "{}") as daemon:
        job = {"command": ["sleep", "300"], "constraints": {"required_backends": ["nice"]}}
        number = daemon.submit(job).ids[0][0]
        daemon.wait_state(number, "running")
        daemon.restart()
        assert daemon.wait_state(number, "running").attempt == 1


def test_a_misspelt_option_is_that_workers_trouble_alone(
    tmp_path: Path, installed: Path
) -> None:
    with the_daemon(tmp_path, installed, "{levle = 7}") as daemon:
        said = trouble_of(daemon, "polite")
        assert "workers.polite.options" in said
        assert "did you mean 'level'?" in said
        assert (
            daemon.wait_state(daemon.submit({"command": ["true"]}).ids[0][0]).state
            == "succeeded"
        )


def test_a_package_that_cannot_be_loaded_hurts_nobody(tmp_path: Path) -> None:
    site = tmp_path / "site"
    info = site / "torn-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[crabtui.backends]\nnice = torn:PLUGIN\n")
    (site / "torn.py").write_text("raise RuntimeError('half written')\n")
    with the_daemon(tmp_path, site, "{}") as daemon:
        assert "RuntimeError: half written" in trouble_of(daemon, "polite")
        assert (
            daemon.wait_state(daemon.submit({"command": ["true"]}).ids[0][0]).state
            == "succeeded"
        )


def test_a_package_that_is_gone_keeps_no_daemon_from_starting(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with the_daemon(tmp_path, tmp_path / "none", "{}") as daemon:
        assert "NO_BACKEND" in trouble_of(daemon, "polite")
