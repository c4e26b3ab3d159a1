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


def a_sparse_tar(size: str, places: str) -> bytes:
    """A tar of a file that is mostly holes, as some tars write them."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("report.xml")
        member.size = 1
        member.pax_headers = {"GNU.sparse.map": places, "GNU.sparse.size": size}
        tar.addfile(member, io.BytesIO(b"x"))
    return made.getvalue()
