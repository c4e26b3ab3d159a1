"""The file of saved views: whole or not at all, and never silently lost."""

from pathlib import Path

import pytest

from crabtui.saved_views import SavedView, drop_view, find_view, keep_view, load_views
from engine.errors import InvalidSpec, NotFound


def test_what_is_saved_is_found_again_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "views.json"
    first = SavedView(where="state:failed since:1h", sort="name", columns="id name:20")
    assert not keep_view(path, "hot", first)
    assert find_view(path, "hot") == first
    assert keep_view(path, "hot", SavedView())
    assert find_view(path, "hot") == SavedView()
    assert [file.name for file in path.parent.iterdir()] == ["views.json"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "views.json"
    for text in ("{", '{"version": 2, "views": {}}'):
        path.write_text(text)
        with pytest.raises(InvalidSpec):
            keep_view(path, "hot", SavedView())
        assert path.read_text() == text


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "views.json"
    assert load_views(path) == {}
    keep_view(path, "nightly", SavedView())
    with pytest.raises(NotFound) as caught:
        drop_view(path, "nigthly")
    assert caught.value.nearest == "nightly"


def test_a_view_that_makes_no_sense_any_more_says_so(tmp_path: Path) -> None:
    path = tmp_path / "views.json"
    path.write_text('{"version": 1, "views": {"old": {"columns": "id colour"}}}')
    with pytest.raises(InvalidSpec, match="column"):
        find_view(path, "old")
