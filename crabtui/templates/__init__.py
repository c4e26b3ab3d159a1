"""Workflows that come along, as files that can be read, run and copied."""

from importlib.resources import files
from typing import Any

from crabtui.data.files.flowfile import read_flow
from engine.model.words import unknown


def template_names() -> list[str]:
    """What there is, by name."""
    found = (one.name for one in files(__name__).iterdir())
    return sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))


def template_text(name: str) -> str:
    """A template as it is written. Raises: InvalidSpec, if there is none of this name."""
    if name not in template_names():
        raise unknown("template", name, template_names(), field="template")
    return files(__name__).joinpath(f"{name}.yaml").read_text()


def read_template(name: str) -> dict[str, Any]:
    """The definition in a template. Raises: as `template_text`."""
    return read_flow(f"{name}.yaml", template_text(name).encode())
