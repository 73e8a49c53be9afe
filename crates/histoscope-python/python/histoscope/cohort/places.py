"""Where files lie: a local path, or the URL of an object storage that pyarrow or fsspec knows."""

from __future__ import annotations

import os
from typing import TypeAlias

import pyarrow as pa
from pyarrow import fs

Place: TypeAlias = "str | os.PathLike[str]"


def resolve(place: Place) -> tuple[fs.FileSystem, str]:
    """The file system, and the path in it."""
    place = os.fspath(place)
    if "://" not in place:
        return fs.LocalFileSystem(), os.path.abspath(place)
    try:
        filesystem, path = fs.FileSystem.from_uri(place)
    except pa.ArrowInvalid:
        # pyarrow has no such storage; fsspec has many more.
        from fsspec.core import url_to_fs

        found, path = url_to_fs(place)
        filesystem = fs.PyFileSystem(fs.FSSpecHandler(found))
    return filesystem, str(path)


def is_local(filesystem: fs.FileSystem) -> bool:
    """Whether other programs see the same paths."""
    return isinstance(filesystem, fs.LocalFileSystem)
