"""Tars as hosts make them, and as hosts should not."""

import io
import tarfile
from collections.abc import Mapping


def a_tar(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """A tar of plain files, and symbolic links by what they point at."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return made.getvalue()
