"""Paths as people type them."""

from pathlib import Path

from engine.errors import InvalidSpec


def typed_path(text: str) -> Path:
    """The file that is meant, whether it is there or not.

    Raises:
        InvalidSpec: no path, nobody's home, or a place where we may not look.
    """
    try:
        path = Path(text).expanduser()
        path.lstat()
    except RuntimeError:
        raise InvalidSpec(f"nobody's home is {Path(text).parts[0]}", field="file") from None
    except ValueError:
        raise InvalidSpec("this can be no path", field="file") from None
    except (FileNotFoundError, NotADirectoryError):
        return path
    except OSError as trouble:
        raise InvalidSpec(f"{path}: {trouble.strerror}", field="file") from None
    return path
