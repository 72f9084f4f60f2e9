"""Archives whose bytes depend on what is in them and on nothing else."""

import gzip
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    data: bytes
    mode: int = 0o644


def compressed(data: bytes) -> bytes:
    """As gzip, without a name or a date."""
    return gzip.compress(data, 9, mtime=0)


def folders(files: dict[str, File]) -> list[str]:
    """Every folder that the files lie in, parents first."""
    return sorted({str(parent) for path in files for parent in Path(path).parents if str(parent) != "."})


def tarball(files: dict[str, File], date: int) -> bytes:
    """A tar.gz of the files, by path.
    - date: of every entry, seconds since 1970."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        def add(path: str, kind: bytes, mode: int, data: bytes = b""):
            entry = tarfile.TarInfo(path)
            entry.type, entry.mode, entry.mtime, entry.size = kind, mode, date, len(data)
            entry.uname = entry.gname = "root"
            archive.addfile(entry, io.BytesIO(data))
        for path in folders(files):
            add(path, tarfile.DIRTYPE, 0o755)
        for path, file in sorted(files.items()):
            add(path, tarfile.REGTYPE, file.mode, file.data)
    return compressed(out.getvalue())
