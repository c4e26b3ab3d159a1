"""Files of artifacts never leave the folder that they are got to, whatever a daemon says."""

from pathlib import Path

import pytest

from crabtui.cli.artifacts import _must_be_several, _place
from engine.control.views import ArtifactView
from engine.errors import InvalidSpec


def an_artifact(path: str, number: int = 1) -> ArtifactView:
    return ArtifactView(
        id=number,
        job=1,
        attempt="1-1-1",
        name="a",
        type="other",
        path=path,
        sha="a" * 64,
        size=1,
        at=0,
    )


@pytest.mark.parametrize(
    "path", ["", "..", "../x", "/etc/passwd", "a/../../x", "a//b", "a/.", "./a", "a/\0b", "a/"]
)
@pytest.mark.parametrize("number", [1, 2])
def test_a_path_that_leads_elsewhere_is_refused(path: str, number: int) -> None:
    with pytest.raises(InvalidSpec, match="leads elsewhere"):
        _place(Path("got"), an_artifact(path), number)


def test_one_alone_goes_by_its_name_and_several_by_their_paths() -> None:
    assert _place(Path("got"), an_artifact("out/a.txt"), 1) == Path("got/a.txt")
    assert _place(Path("got"), an_artifact("out/a.txt"), 2) == Path("got/out/a.txt")


def test_two_that_would_be_one_file_are_refused() -> None:
    one, other = an_artifact("a", 1), an_artifact("a", 2)
    _must_be_several([(one, Path("a")), (one, Path("a")), (other, Path("b"))])
    with pytest.raises(InvalidSpec, match="artifacts 1 and 2 would both be a"):
        _must_be_several([(one, Path("a")), (other, Path("a"))])
