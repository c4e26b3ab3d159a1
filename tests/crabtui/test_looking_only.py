"""A console that only looks: it changes nothing, in the engine and on our disk."""

import pytest

from crabtui.clipboard import send
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import seat

LOOKS = "this console was started to look only"


@pytest.fixture
def world():
    return busy_world()


@pytest.mark.parametrize(
    "line",
    [
        "export a.csv",
        "export a.txt",
        "shot a.svg",
        "view save mine",
        "view delete mine",
        "arm 10m",
        "cancel state:queued",
        "limit gpu 9",
        "new",
    ],
)
async def test_no_command_writes_a_file_or_acts(world, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    async with seat(world, read_only=True, never_acts=True) as here:
        await here.type(f":{line}")
        await here.press("enter")
        await here.reads(LOOKS)
    assert list(tmp_path.rglob("*")) == []
    assert world.acts() == []


@pytest.mark.parametrize("keys", ["E", "5 E", "x", "n", "+"])
async def test_no_key_writes_a_file_or_acts(world, keys):
    async with seat(world, (160, 48), read_only=True, never_acts=True) as here:
        for key in keys.split():
            await here.press(key)
        await here.says(LOOKS)
    assert world.acts() == []


async def test_nothing_is_kept_for_the_next_start(world, tmp_path):
    path = tmp_path / "session.json"
    async with seat(world, read_only=True, never_acts=True, session_path=path) as here:
        await here.press("2")
    assert not path.exists()


def test_what_is_copied_in_a_browser_stays_there():
    asked = []
    browser = {
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
        "TMUX": "1",
        "DISPLAY": ":0",
    }
    said = send("x", asked.append, browser, lambda argv, _: asked.append(argv) or True)
    assert (said, asked) == ("sent to terminal", ["x"])
