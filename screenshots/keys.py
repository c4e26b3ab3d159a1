"""Writes the key table of the README from the action registry: python -m screenshots.keys."""

from pathlib import Path

from crabtui.keymap import STANDARD

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- keys: made by `python -m screenshots.keys` -->\n"
END = "<!-- /keys -->"


def keys() -> str:
    """The table, as Markdown."""
    rows = [
        f"| {_code(keys)} | {_plain(help_)} | `{name}` |"
        for keys, name, help_ in STANDARD.table()
    ]
    return "\n".join(["| key | what it does | in keys.toml |", "|---|---|---|", *rows]) + "\n"


def _code(keys: str) -> str:
    return " ".join(f"`{key}`" if "`" not in key else key for key in keys.split())


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def with_keys(readme: str) -> str:
    """The README with the table of today."""
    before, _, rest = readme.partition(BEGIN)
    return before + BEGIN + keys() + END + rest.partition(END)[2]


if __name__ == "__main__":
    README.write_text(with_keys(README.read_text()))
