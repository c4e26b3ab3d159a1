"""What of the SSH configuration is said to have no effect: what concerns that host."""

from pathlib import Path

import pytest

from engine.backends.ssh.user_config import warnings_of

TEXT = """\
Host far *.lab !old.lab
    StrictHostKeyChecking no
Match host near exec "true"
    RevokedHostKeys x
Match originalhost other,near
    KnownHostsCommand y
Match all
Host *.nowhere
    Include {more}
"""


@pytest.mark.parametrize(
    ("host", "lines"),
    [
        ("far", ["line 2: StrictHostKeyChecking"]),
        ("FAR", ["line 2: StrictHostKeyChecking"]),
        ("a.lab", ["line 2: StrictHostKeyChecking"]),
        ("old.lab", []),
        ("127.0.0.1", []),
        ("near", ["line 6: KnownHostsCommand"]),
        ("x.nowhere", ["line 1: RevokedHostKeys"]),
    ],
)
def test_only_lines_about_that_host_are_told(
    tmp_path: Path, host: str, lines: list[str]
) -> None:
    more = tmp_path / "more"
    more.write_text("RevokedHostKeys=z\n")
    config = tmp_path / "config"
    config.write_text(TEXT.format(more=more))
    found = [text.split(" ", 1)[1].split(" has")[0] for text in warnings_of(config, host)]
    assert found == lines


def test_what_stands_before_every_block_concerns_all(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("StrictHostKeyChecking no\nHost far\n")
    assert len(warnings_of(config, "any")) == 1
