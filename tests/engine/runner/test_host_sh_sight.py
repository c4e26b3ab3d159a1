"""What the host program in sh sees of devices, and of hosts without /proc."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.backends.texts import from_sh
from engine.runner import identity
from tests.engine.runner.sh_program import SHELLS, ShProgram, spec
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

PARTS = Path(__file__).parents[3] / "engine" / "runner" / "host_sh"
DEVICES = """\
0, GPU-5b2c, NVIDIA A100-SXM4-40GB, 40960, 12345, 87
1, GPU-77aa, NVIDIA A100-SXM4-40GB, 40960, 4, 0
2, GPU-0f0f, NVIDIA GeForce RTX 3090, 24576, [N/A], [N/A]
"""

Make = Callable[..., ShProgram]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[ShProgram] = []

    def make(**options: object) -> ShProgram:
        made.append(ShProgram(tmp_path / "spool", **options))  # type: ignore[arg-type]
        made[0].hello()
        return made[0]

    yield make
    made[0].close()
    end_all(tmp_path)


def devices(program: ShProgram) -> list[bytes]:
    pairs = (pair.partition(b"=") for pair in program.say("look").split(b" ")[1:])
    return [from_sh(text) for key, _, text in pairs if key == b"gpu"]


def fake_nvidia_smi(folder: Path, held: str) -> dict[str, str]:
    """The environment of a login that finds it."""
    (folder / "held").write_text(held)
    (folder / "devices").write_text(DEVICES)
    tool = folder / "nvidia-smi"
    told = f"--query-gpu*) cat {folder}/devices;; *) cat {folder}/held;;"
    tool.write_text(f"#!/bin/sh\ncase $1 in {told} esac\n")
    tool.chmod(0o755)
    return {"PATH": f"/usr/bin:/bin:{folder}", "HOME": "/"}


def test_nvidia_devices_and_who_holds_them(make: Make, tmp_path: Path) -> None:
    env = fake_nvidia_smi(tmp_path, "")
    program = make(env=env)
    pid = program.start("1-1-7", spec("sleep", "60"))[2]
    stranger = os.getpid()
    (tmp_path / "held").write_text(
        f"GPU-5b2c, {pid}, 12000\nGPU-5b2c, {stranger}, 300\nGPU-0f0f, {stranger}, [N/A]\n"
    )
    assert devices(program) == [
        b"0;NVIDIA A100-SXM4-40GB;40960;12345;300;87",
        b"1;NVIDIA A100-SXM4-40GB;40960;4;0;0",
        b"2;NVIDIA GeForce RTX 3090;24576;0;1;-",
    ]
    assert program.says("usage", "1-1-7")[0].endswith(b" 12000")


def test_a_driver_that_fails_has_no_devices(make: Make, tmp_path: Path) -> None:
    env = fake_nvidia_smi(tmp_path, "")
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\ncat {tmp_path}/devices; exit 9\n")
    program = make(env=env)
    assert devices(program) == []


def test_a_driver_that_hangs_holds_nothing_up_for_long(make: Make, tmp_path: Path) -> None:
    env = fake_nvidia_smi(tmp_path, "")
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\nCRAB_MARK=$0 exec sleep 60\n")
    program = make(env=env)
    assert devices(program) == []
    assert program.say("ping").startswith(b"ok ")


def test_amd_devices_and_who_holds_them(make: Make, tmp_path: Path) -> None:
    kfd, drm = tmp_path / "kfd", tmp_path / "drm"
    for node, gpu in ((0, 0), (1, 51234), (10, 777)):
        (kfd / f"topology/nodes/{node}").mkdir(parents=True)
        (kfd / f"topology/nodes/{node}/gpu_id").write_text(f"{gpu}\n")
        (kfd / f"topology/nodes/{node}/properties").write_text(
            f"cpu_cores_count 0\ndrm_render_minor {128 + node}\n"
        )
    card = drm / "renderD129" / "device"
    card.mkdir(parents=True)
    for name, told in (
        ("product_name", "AMD Instinct MI210"),
        ("mem_info_vram_total", 65520 << 20),
        ("mem_info_vram_used", 1 << 30),
        ("gpu_busy_percent", 12),
    ):
        (card / name).write_text(f"{told}\n")
    (kfd / f"proc/{os.getpid()}").mkdir(parents=True)
    (kfd / f"proc/{os.getpid()}/vram_51234").write_text(f"{5 << 20}\n")
    program = make(settings={"crab_kfd": str(kfd), "crab_drm": str(drm)})
    assert devices(program) == [b"0;AMD Instinct MI210;65520;1024;5;12", b"1;AMD;0;0;0;-"]


@pytest.fixture(params=SHELLS)
def without_proc(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Runs words with the parts of the program, where ps has to tell of processes."""
    found = shutil.which(request.param)
    if not found:
        pytest.skip(f"{request.param} is not installed")
    shell = [found, *(["sh"] if request.param == "busybox" else [])]

    def run(words: str) -> str:
        parts = "".join(
            f". {PARTS / name}.sh\n"
            for name in ("saying", "spool", "records", "attempts", "sight")
        )
        emulate = '[ -z "${ZSH_VERSION-}" ] || emulate sh\n'
        script = (
            f"{emulate}{parts}set -f; has_proc= relay= seq=1 root={tmp_path} ident=i\n{words}"
        )
        done = subprocess.run(
            [*shell, "-c", script], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    return run


def test_processes_by_ps(without_proc: Callable[[str], str], tmp_path: Path) -> None:
    pid = os.getpid()
    assert without_proc(f"started {pid}; echo $began") == identity._start_from_ps(pid)
    assert without_proc("started 4000000; echo dead:$began") == "dead:"
    command = ["/bin/sh", "-c", "read wait", "sh", str(tmp_path), "x"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as about:
        wait_until(lambda: identity.is_about(about.pid, str(tmp_path)))
        told = without_proc(
            f"is_about {about.pid} {tmp_path} && echo yes\n"
            f"is_about {about.pid} {tmp_path}1 || echo no"
        )
        about.kill()
    assert told.split() == ["yes", "no"]


def test_usage_by_ps(without_proc: Callable[[str], str], tmp_path: Path) -> None:
    ps = tmp_path / "ps"
    ps.write_text(
        "#!/bin/sh\ncat <<END\n"
        "  10  77   0:01.23  4096\n  11  77   2:00.50  1024\n  12  78   0:01.00  1024\n"
        "  13  77   1-02:00:08  1024\nEND\n"
    )
    ps.chmod(0o755)
    words = without_proc(
        f"PATH={tmp_path}:$PATH leads=' 77=1-1-7 ' holders= cpu_77=0 kb_77=0 n_77=0 gpu_77=0\n"
        f"weigh_by_ps; use 77 1-1-7"
    )
    cpu_ms = 1_230 + 120_500 + (26 * 3600 + 8) * 1000
    assert words == f"1 use 1-1-7 {cpu_ms} 6 3 -"


def test_disks_by_mount(without_proc: Callable[[str], str]) -> None:
    rows = "/dev/disk1 on / (apfs, local)\nserver:/x on /Volumes/my x (nfs, nodev)\n"
    assert without_proc(f"kind_of '/Volumes/my x' <<END\n{rows}END\n") == "nfs"
    assert without_proc(f"kind_of / <<END\n{rows}END\n") == "apfs"
