"""Every console under test is waited for until it is done, not for a while."""

import pytest

from tests.kit import calm


@pytest.fixture(autouse=True)
def _pilots_wait_for_calm(monkeypatch: pytest.MonkeyPatch) -> None:
    calm.install(monkeypatch)
