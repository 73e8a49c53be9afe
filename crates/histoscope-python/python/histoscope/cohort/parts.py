"""What is done: a folder of Parquet files, each with the rows of one batch.

A part is named after the paths in it and appears as a whole or not at all. A batch that is judged
again, because its worker died before it could say that it was done, replaces its own part: so
nothing is lost and nothing is there twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import dataset, fs, parquet

from histoscope.cohort.manifest import Image
from histoscope.cohort.places import Place, is_local, resolve
from histoscope.reports import COLUMNS

_INTEGERS = {
    *("num_patches", "benign_patches", "malignant_patches", "background", "blurred", "not_he"),
    *("width", "height"),
}
_NUMBERS = {
    *("confidence", "probability_benign", "probability_malignant", "distance", "distance_limit"),
    *("um_per_pixel", "lesson_confidence"),
}


def _type(column: str) -> pa.DataType:
    if column == "success":
        return pa.bool_()
    if column in _INTEGERS:
        return pa.int32()
    return pa.float64() if column in _NUMBERS else pa.string()


# `report` is the whole report as JSON, where it is kept.
SCHEMA = pa.schema(
    [("path", pa.string()), ("patient", pa.string())]
    + [(column, _type(column)) for column in COLUMNS]
    + [("report", pa.string())]
)


def write(output: Place, images: Sequence[Image], rows: list[dict[str, Any]]) -> None:
    """Writes the rows of these images, all or none."""
    filesystem, folder = resolve(output)
    filesystem.create_dir(folder, recursive=True)
    name = hashlib.sha256("\n".join(image.path for image in images).encode()).hexdigest()[:24]
    path = f"{folder}/part-{name}.parquet"
    # Local files become whole by being renamed, those of an object storage by being closed. Names
    # with a dot in front are passed over by whoever reads the folder.
    beside = f"{folder}/.{name}.{os.getpid()}" if is_local(filesystem) else path
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    parquet.write_table(table, beside, filesystem=filesystem, compression="zstd")
    if beside != path:
        filesystem.move(beside, path)


def read(output: Place, columns: Iterable[str] | None = None) -> pa.Table:
    """All rows that are done, in no order; a path may have several after a failure was retried."""
    filesystem, folder = resolve(output)
    if filesystem.get_file_info(folder).type != fs.FileType.Directory:
        return SCHEMA.empty_table().select(list(columns or SCHEMA.names))
    found = dataset.dataset(folder, filesystem=filesystem, format="parquet", schema=SCHEMA)
    return found.to_table(columns=list(columns) if columns else None)


def left(images: Iterable[Image], output: Place, retry_failed: bool) -> list[Image]:
    """The images that are not done."""
    done = read(output, ("path", "success"))
    if retry_failed:
        done = done.filter(done["success"])
    paths = set(done["path"].to_pylist())
    return [image for image in images if image.path not in paths]
