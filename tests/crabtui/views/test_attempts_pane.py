"""What the attempts of a job tell of themselves."""

from crabtui.views.attempts_pane import _held
from tests.crabtui.data.jobs import an_attempt


def test_the_commit_in_its_workspace() -> None:
    attempt = an_attempt(1, 170, 130, gpus=(0, 1), revision="0123456789abcdef" * 2 + "01234567")
    assert list(_held(attempt, 60)) == ["gpu 0, 1   commit 0123456789ab"]
