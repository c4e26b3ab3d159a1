"""Secrets are known by the names of their variables."""

import pytest

from engine.model.secrets import HIDDEN, is_secret, without_values


@pytest.mark.parametrize(
    "name",
    ["HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "OPENAI_API_KEY", "github_pat",
     "DB_PASS", "WANDB_API_KEY", "SSH_PRIVATE_KEY", "CONDA_TOKEN", "MY_CREDENTIALS"],
)  # fmt: skip
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "KEYBOARD", "TOKENIZERS_PARALLELISM", "PASSENGERS", "SEED", "LANG"]
)
def test_others_are_not(name: str) -> None:
    assert not is_secret(name)


def test_only_the_value_is_hidden() -> None:
    assert without_values({"HF_TOKEN": "x", "SEED": "1"}) == {"HF_TOKEN": HIDDEN, "SEED": "1"}
