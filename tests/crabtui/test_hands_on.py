"""Hands on running jobs at the keyboard: pause, resume, a line of input, a terminal there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from crabtui.dialogs.ask import Ask
from engine.control import messages as m
from tests.crabtui.fleet import fleet_world
from tests.crabtui.seat import Seat, seat
from tests.kit.fake_world import World
from tests.kit.still_clock import StillClock

HOSTILE = "[red]x[/] \x1b]0;own\x07 $(id) `id` \u202e"
STATE = Path("/state of it")


class Terminals:
    """Instead of the real terminal: notes what was to run in it, and how that ends."""

    def __init__(self, code: int = 0, trouble: Exception | None = None) -> None:
        self.ran: list[tuple[list[str], str]] = []
        self._code = code
        self._trouble = trouble

    async def __call__(self, _: object, argv: Sequence[str], greeting: str) -> int:
        self.ran.append((list(argv), greeting))
        if self._trouble is not None:
            raise self._trouble
        return self._code

    @property
    def argv(self) -> list[str]:
        [(argv, _)] = self.ran
        return argv


@pytest.fixture
def world() -> World:
    return fleet_world(StillClock())


@pytest.fixture(autouse=True)
def outside_of_tmux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("SHELL", "/bin/zsh")
    monkeypatch.setenv("HOME", str(tmp_path))


async def test_k_keeps_a_job_still_lets_it_go_on_and_u_takes_it_back(world: World) -> None:
    async with seat(world) as here:
        await here.go_to(2)
        await here.press("K")
        await here.until(lambda: world.jobs[2].paused_at is not None)
        await here.says("#2", "u undoes")
        await here.reads("paused")
        await here.press("u")
        await here.until(lambda: world.jobs[2].paused_at is None)
        await here.press("K")
        await here.until(lambda: here.row(2).paused_at is not None)
        await here.press("K")
        await here.until(lambda: world.jobs[2].paused_at is None)
        await here.press("u")
        await here.until(lambda: world.jobs[2].paused_at is not None)


async def test_k_on_many_asks_first(world: World) -> None:
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("space")
        await here.go_to(2)
        await here.press("space", "K")
        await here.reads("Pause 2 jobs", "STOP to all of their processes")
        await here.press("y")
        await here.until(lambda: world.jobs[1].paused_at and world.jobs[2].paused_at)


async def test_a_host_that_did_not_do_it_is_quoted(world: World) -> None:
    def refuse(ask: Any) -> None:
        if isinstance(ask, m.Pause):
            world.change(2, state="succeeded")

    world.refuse = refuse
    async with seat(world) as here:
        await here.go_to(2)
        await here.press("K")
        await here.says("only a running job can be paused")


async def test_i_sends_a_line_to_the_letter(world: World) -> None:
    world.inputs[2] = 1_000
    line = "[red]x[/] $(id) 'q' \\ é"
    async with seat(world) as here:
        await here.go_to(2)
        await here.press("i")
        await here.reads("Send to #2", "standard input")
        assert isinstance(here.app.screen, Ask)
        here.app.screen.query_one("Input").insert_text_at_cursor(line)  # type: ignore[attr-defined]
        await here.reads("[red]x[/]")
        await here.press("enter")
        data = f"{line}\n".encode()
        await here.says(f"#2 was sent {len(data)} bytes")
        assert world.acts() == [m.Feed(id=2, data=data)]
        await here.press("i", "escape")
        assert len(world.acts()) == 1


async def test_what_does_not_read_or_cannot_says_so(world: World) -> None:
    world.inputs[1] = 3
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("i", "l", "o", "n", "g", "enter")
        await here.says("#1 does not read now: nothing was sent")
        await here.go_to(2)
        await here.press("i", "enter")
        await here.says("#2 reads no input: submit with --stdin")


async def test_hostile_names_are_text_in_the_dialog_and_the_status(world: World) -> None:
    world.change(2, name=HOSTILE)
    async with seat(world) as here:
        await here.go_to(2)
        await here.press("K")
        await here.says("#2")
        await here.press("i")
        await here.reads("Send to #2")
        assert "\x1b" not in here.text
        assert "\u202e" not in here.text


async def test_s_opens_the_session_of_a_job_on_its_worker(world: World) -> None:
    world.change(3, worker_id="gpu-01")
    world.sessions[3] = "aivcs__r__w__runner"
    lend = Terminals()
    async with seat(world, lend=lend, state_dir=STATE) as here:
        await here.go_to(3)
        await yes_to_s(here)
        await here.says("back from gpu-01")
    argv, greeting = lend.argv, lend.ran[0][1]
    assert argv[0] == "ssh"
    assert argv[-3:-1] == ["--", "gpu-01"]
    assert argv[-1].endswith("tmux attach-session -t =aivcs__r__w__runner")
    assert f'GlobalKnownHostsFile="{STATE}/known_hosts"' in " ".join(argv)
    assert greeting == "crabtui: aivcs__r__w__runner on gpu-01; `ctrl+b d` comes back"


async def test_s_without_a_session_opens_a_shell(world: World) -> None:
    lend = Terminals()
    async with seat(world, lend=lend, state_dir=STATE) as here:
        await here.go_to(3)
        await yes_to_s(here)
        await here.says("back from local")
    assert lend.ran == [(["/bin/zsh"], "crabtui: a shell on local; `exit` comes back")]


@pytest.mark.parametrize(
    ("terminals", "said"),
    [
        (Terminals(255), "ssh to gpu-01 failed"),
        (Terminals(1), "aivcs__r__w__runner cannot be opened on gpu-01: has it ended?"),
        (Terminals(trouble=FileNotFoundError(2, "No such file")), "ssh: No such file"),
    ],
)
async def test_a_terminal_that_came_to_nothing(
    world: World, terminals: Terminals, said: str
) -> None:
    world.change(3, worker_id="gpu-01")
    world.sessions[3] = "aivcs__r__w__runner"
    async with seat(world, lend=terminals, state_dir=STATE) as here:
        await here.go_to(3)
        await yes_to_s(here)
        await here.says(said)


async def test_s_says_why_there_is_nowhere_to_go(world: World) -> None:
    lend = Terminals()
    async with seat(world, lend=lend, state_dir=STATE) as here:
        await here.go_to(8)
        await here.press("S")
        await here.says("session: #8 is queued: it has no worker")
        world.workers = []
        await here.go_to(3)
        await here.press("S")
        await here.says("there is no worker local any more")
    assert lend.ran == []


async def test_from_another_machine_no_terminal_is_opened(world: World) -> None:
    lend = Terminals()
    async with seat(world, lend=lend) as here:
        await here.go_to(3)
        await here.press("S")
        await here.says("on another machine than its daemon")
        await here.press("4", "S")
        await here.says("on another machine than its daemon")
    assert lend.ran == []


async def test_offline_nothing_is_done_and_the_reason_is_said(world: World) -> None:
    lend = Terminals()
    async with seat(world, lend=lend, state_dir=STATE) as here:
        await here.go_to(3)
        world.cut()
        await here.until(lambda: "OFFLINE" in here.header)
        await refused(here, "offline: the daemon does not answer")
    assert (lend.ran, world.acts()) == ([], [])


async def test_who_only_looks_gets_no_hands_on(world: World) -> None:
    lend = Terminals()
    async with seat(world, lend=lend, state_dir=STATE, read_only=True) as here:
        await here.go_to(3)
        await refused(here, "read-only: :arm 10m")
        await here.press("4")
        await here.reads("9 workers")
        await here.press("S")
        await here.says("shell: read-only: :arm 10m")
    assert (lend.ran, world.acts()) == ([], [])


async def test_a_shell_on_a_worker_needs_no_daemon(world: World) -> None:
    """Whoever mends a host can go there while nothing answers here."""
    lend = Terminals()
    async with seat(world, lend=lend, state_dir=STATE) as here:
        await here.press("4")
        await here.reads("9 workers", "gpu-05")
        world.cut()
        await here.until(lambda: "OFFLINE" in here.header)
        await here.press("g")
        await yes_to_s(here)
        await here.says("back from gpu-05")
    assert lend.argv[-2:] == ["--", "gpu-05"]


async def yes_to_s(here: Seat) -> None:
    await here.press("S")
    await here.reads("this terminal is lent")
    await here.press("y")


async def test_s_asks_first_and_says_how_a_shell_ended(world: World) -> None:
    lend = Terminals(3)
    async with seat(world, lend=lend, state_dir=STATE) as here:
        await here.go_to(3)
        await here.press("S")
        await here.reads("Open a shell on local?", "as you, on this machine")
        await here.press("n")
        await here.says("nothing was done")
        assert lend.ran == []
        await yes_to_s(here)
        await here.says("back from local: it ended with exit code 3")


async def test_y_in_workers_copies_the_name(world: World) -> None:
    async with seat(world) as here:
        await here.press("4")
        await here.reads("9 workers")
        await here.press("g", "y")
        await here.says("gpu-05")


async def refused(here: Seat, why: str) -> None:
    for key, title in (("K", "pause"), ("i", "send"), ("S", "session")):
        await here.press(key)
        await here.says(f"{title}: ", why)
