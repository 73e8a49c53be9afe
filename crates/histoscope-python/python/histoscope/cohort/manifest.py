"""Which images: a folder, a manifest, or paths; each once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import pyarrow as pa
from pyarrow import csv, fs, parquet

from histoscope import _core, errors
from histoscope.cohort.places import Place, resolve

# A folder, a manifest (CSV, TSV or Parquet), or the paths themselves.
Source: TypeAlias = "Place | Iterable[Place]"

_PATH = ("path", "file", "filename", "image")
_PATIENT = ("patient", "patient_id", "case")


class Image(NamedTuple):
    """Where an image lies, and whose it is."""

    path: str
    patient: str | None


def read(source: Source) -> list[Image]:
    """The images in their order, each path once.

    A manifest has a column `path` (or `file`, `filename`, `image`), and may have `patient`
    (`patient_id`, `case`). Relative paths in it begin at its folder.
    """
    if not isinstance(source, (str, os.PathLike)):
        images = [Image(os.fspath(path), None) for path in source]
    else:
        filesystem, path = resolve(source)
        kind = filesystem.get_file_info(path).type
        if kind == fs.FileType.Directory:
            images = _folder(filesystem, path, os.fspath(source))
        elif kind == fs.FileType.File:
            images = _manifest(filesystem, path, os.fspath(source))
        else:
            raise errors.wrong_option("source", f"there is nothing at {os.fspath(source)}")
    return list({image.path: image for image in reversed(images)}.values())[::-1]


def _folder(filesystem: fs.FileSystem, folder: str, source: str) -> list[Image]:
    found = filesystem.get_file_info(fs.FileSelector(folder, recursive=True))
    extensions = tuple(f".{extension}" for extension in _core.EXTENSIONS)
    paths = sorted(
        info.path
        for info in found
        if info.type == fs.FileType.File and info.path.lower().endswith(extensions)
    )
    base = source.rstrip("/")
    return [Image(f"{base}/{os.path.relpath(path, folder)}", None) for path in paths]


def _manifest(filesystem: fs.FileSystem, path: str, source: str) -> list[Image]:
    with filesystem.open_input_file(path) as file:
        if path.endswith(".parquet"):
            table = parquet.read_table(file)
        else:
            # Numbers of patients are names: 007 is not 7.
            text = csv.ConvertOptions(
                column_types=dict.fromkeys((*_PATH, *_PATIENT), pa.string()),
                strings_can_be_null=False,
            )
            parts = csv.ParseOptions(delimiter="\t" if path.endswith(".tsv") else ",")
            table = csv.read_csv(file, parse_options=parts, convert_options=text)
    where = next((name for name in _PATH if name in table.column_names), None)
    whose = next((name for name in _PATIENT if name in table.column_names), None)
    if where is None:
        raise errors.wrong_option("source", f'the manifest {source} has no column "path"')
    paths = table[where].cast(pa.string()).to_pylist()
    patients = table[whose].cast(pa.string()).to_pylist() if whose else [None] * len(paths)
    base = source.replace("\\", "/").rpartition("/")[0]
    return [
        Image(_below(base, path), patient or None)
        for path, patient in zip(paths, patients, strict=True)
        if path
    ]


def _below(base: str, path: str) -> str:
    absolute = "://" in path or os.path.isabs(path) or not base
    return path if absolute else f"{base}/{path}"
