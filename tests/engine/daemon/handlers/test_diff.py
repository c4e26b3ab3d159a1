"""Differences are shown, and secrets are not, wherever in a job they stand."""

from pathlib import Path
from typing import Any

from engine.control.messages import Diff
from tests.kit.engine import an_engine

SECRETS: dict[str, Any] = {
    "command": "TOKEN=s3cr3t run",
    "gate": "curl -H 'Authorization: Bearer s3cr3t' x; API_TOKEN=s3cr3t check --token s3cr3t",
    "metadata": {"api_key": "s3cr3t", "plain": {"password": "s3cr3t"}, "seen": "yes"},
    "env": {"DB_PASSWORD": "s3cr3t"},
    "stdin": "s3cr3t",
    "hold": True,
}


async def test_no_secret_is_in_a_difference(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        one, other = await engine.submit(SECRETS, {"command": ["true"], "hold": True})
        view: Any = await engine.ask(Diff(a=one, b=other))
        assert "s3cr3t" not in repr(view)
        shown = {field.path for field in view.fields}
        assert {"gate", "command.stdin", "DB_PASSWORD"} <= shown
        assert "yes" in repr(view)


async def test_gates_differ_by_what_they_run(tmp_path: Path) -> None:
    same: dict[str, Any] = {"command": ["true"], "hold": True}
    async with an_engine(tmp_path) as engine:
        one, other = await engine.submit(same | {"gate": "a"}, same | {"gate": ["b", "c"]})
        view: Any = await engine.ask(Diff(a=one, b=other))
        found = {
            field.path: (field.a, field.b) for field in view.fields if "gate" in field.path
        }
        assert found == {"gate.argv": ("", '["b","c"]'), "gate.shell": ("a", "")}
