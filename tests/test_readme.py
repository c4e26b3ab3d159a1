"""The README cannot lie: its commands, options and files exist, its pictures are shown."""

import re
import shlex
from pathlib import Path

import click
import pytest

from crabtui.cli.frame.root import root
from crabtui.cli.frame.verbs import verbs
from crabtui.data.files.flowfile import read_flow
from crabtui.key_files import load_keys
from engine.config import check
from engine.model.intake.workflow import read_workflow
from engine.policy.workflows.graph import graph_of
from screenshots.keys import with_keys

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()

LINE = re.compile(r"^\$?\s*(?:\.venv/bin/)?crabtui(?: (.*))?$")


def code_lines() -> list[str]:
    """The lines of all fenced blocks, without comments, one command each."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [part.strip() for line in lines for part in line.split("&&")]


def commands() -> list[list[str]]:
    found = (LINE.match(line) for line in code_lines())
    return [shlex.split(match[1] or "", comments=True) for match in found if match]


def verb_of(words: list[str]) -> str | None:
    before = words[: words.index("--")] if "--" in words else words
    rest = iter(before)
    for word in rest:
        if word in {"--state", "--theme", "--set", "--host", "--remote-command"}:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def test_it_shows_commands() -> None:
    assert commands()


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_exists(words: list[str]) -> None:
    verb = verb_of(words)
    assert verb is None or "?" in verb or verb in verbs()


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_option_exists(words: list[str]) -> None:
    context = click.Context(root)
    verb = verb_of(words)
    known = options(root)
    if verb in verbs():
        command = root.get_command(context, verb)
        assert command is not None
        known |= options(command)
    ours = words[: words.index("--")] if "--" in words else words
    used = {word.partition("=")[0] for word in ours if word.startswith("-") and word != "-"}
    assert used <= known


def options(command: click.Command) -> set[str]:
    """Option names of a command and of all below it."""
    own = {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    if isinstance(command, click.Group) and command is not root:
        own.update(*(options(below) for below in command.commands.values()))
    return own | {"--help", "-h"}


def links() -> list[str]:
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)", README) + re.findall(r'src="([^"]+)"', README)
    return sorted({link for link in found if "://" not in link})


@pytest.mark.parametrize("link", links())
def test_every_file_that_it_links_to_is_there(link: str) -> None:
    assert (ROOT / link).exists()


def test_it_shows_every_screenshot() -> None:
    made = {str(path.relative_to(ROOT)) for path in (ROOT / "screenshots").glob("*.svg")}
    assert made <= set(links())


def test_the_two_commands_of_a_newcomer_are_in_it() -> None:
    assert "crabtui demo" in README
    assert "tests/run" in README


def test_the_key_table_is_the_consoles() -> None:
    assert with_keys(README) == README, "run: python -m screenshots.keys"


def test_its_configuration_is_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    file = tmp_path / "config.toml"
    checked = []
    for text in blocks:
        if not text.startswith("[keys]"):
            file.write_text(text)
            checked.append(check(tmp_path, file))
    assert checked[0].rules.queues["gpu"].limit == 4


def test_its_workflows_can_be_run() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    flows = [read_flow("README.yaml", text.encode()) for text in blocks if "tasks:" in text]
    assert [len(graph_of(read_workflow(flow).tasks).edges) for flow in flows] == [5]


def test_its_keys_can_be_had(tmp_path: Path) -> None:
    [text] = re.findall(r"^```toml\n(\[keys\].*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    file = tmp_path / "keys.toml"
    file.write_text(text)
    keys = load_keys(file)
    assert keys.faults == ()
    assert keys.preset == "htop"
