"""Secrets are recognised by their names, and what is none is left as it is."""

import pytest

from crabtui.data import redaction


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["train", "--lr", "3e-4"], ["train", "--lr", "3e-4"]),
        (["curl", "--token", "abc", "x"], ["curl", "--token", "••••", "x"]),
        (["curl", "--api-key=abc"], ["curl", "--api-key=••••"]),
        (["env", "HF_TOKEN=abc", "A=b"], ["env", "HF_TOKEN=••••", "A=b"]),
        (["psql", "postgres://ana:pw@db/x"], ["psql", "postgres://ana:••••@db/x"]),
        (["git", "clone", "https://host/x@y"], ["git", "clone", "https://host/x@y"]),
        (["monkey", "keyboard=1"], ["monkey", "keyboard=••••"]),
        (["x", "--token"], ["x", "--token"]),
        (["curl", "Authorization: Bearer abc"], ["curl", "Authorization: Bearer ••••"]),
    ],
)
def test_words_of_a_command(argv, shown):
    assert redaction.words(argv) == shown


@pytest.mark.parametrize(
    ("shell", "shown"),
    [
        ("run --token abc --lr 3", "run --token •••• --lr 3"),
        ("PGPASSWORD='a b' psql; ls", "PGPASSWORD=•••• psql; ls"),
        ("curl --api-key=abc https://ana:pw@h/", "curl --api-key=•••• https://ana:••••@h/"),
        ("x --token --lr 3", "x --token --lr 3"),
        ("A=1 make", "A=1 make"),
    ],
)
def test_lines_for_the_shell(shell, shown):
    assert redaction.line(shell) == shown
    assert redaction.tree({"shell": shell}) == {"shell": shown}


@pytest.mark.parametrize("name", ["HF_TOKEN", "DB_PASSWORD", "AWS_SECRET", "API_KEY"])
def test_values_of_the_environment(name):
    assert redaction.value(name, "abc") == redaction.HIDDEN
    assert redaction.value("LANG", "C") == "C"


def test_a_tree_is_hidden_below_its_names_and_keeps_its_form():
    job = {
        "key": "train/13",
        "payload": {"argv": ["x", "--password", "p"], "env": {"KEY": "k", "N": "1"}},
        "metadata": {"api_token": "t", "runs": [1, 2], "deep": [{"secret": "s"}]},
        "attempt": 3,
    }
    assert redaction.tree(job) == {
        "key": "train/13",
        "payload": {
            "argv": ["x", "--password", "••••"],
            "env": {"KEY": redaction.HIDDEN, "N": "1"},
        },
        "metadata": {
            "api_token": redaction.HIDDEN,
            "runs": [1, 2],
            "deep": [{"secret": redaction.HIDDEN}],
        },
        "attempt": 3,
    }
