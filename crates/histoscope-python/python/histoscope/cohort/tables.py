"""What a cohort comes to: one row an image, and one a patient."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

from histoscope.classifier import Classifier
from histoscope.cohort import parts
from histoscope.cohort.places import Place, resolve

_PATIENTS = pa.schema(
    [("patient", pa.string()), ("verdict", pa.string()), ("prediction", pa.string())]
    + [(name, pa.float64()) for name in ("confidence", "probability_malignant")]
    + [
        (name, pa.int32())
        for name in ("images", "failed", "not_assessable", "unfamiliar", "duplicates")
    ]
)


def results(output: Place) -> pa.Table:
    """One row an image, by path; where a failure was retried, what came of it last.

    The column `report` is left out: what it holds is too much for one table.
    """
    table = parts.read(output, [name for name in parts.SCHEMA.names if name != "report"])
    table = table.sort_by([("path", "ascending"), ("success", "descending")])
    paths = table["path"].to_pylist()
    first = [row == 0 or path != paths[row - 1] for row, path in enumerate(paths)]
    return table.filter(pa.array(first, pa.bool_()))


def patients(
    table: pa.Table,
    classifier: Classifier,
    *,
    keep_duplicates: bool = False,
    count_unfamiliar: bool = False,
    uncertain_below: float | None = None,
) -> pa.Table:
    """One row a patient, by the rules of `Classifier.together`, of a table of images.

    Images without a patient are not counted. `uncertain_below` is what the images were judged with,
    and `classifier` has the model that judged. What is averaged is benign and malignant: a lesson
    of other classes is not asked, and of a model whose classes are its own nobody votes. For those
    give the whole reports of a patient (`keep_reports=True`) to `Classifier.together`.
    """
    votes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        if row["patient"] is not None:
            votes[row["patient"]].append(_vote(row, uncertain_below))
    rows = []
    for patient in sorted(votes):
        whole = classifier.whole(
            votes[patient], keep_duplicates=keep_duplicates, count_unfamiliar=count_unfamiliar
        )
        diagnosis = whole["aggregated_diagnosis"] or {}
        probabilities = diagnosis.get("probabilities") or {}
        rows.append(
            {
                "patient": patient,
                "verdict": whole["verdict"],
                "prediction": diagnosis.get("prediction"),
                "confidence": diagnosis.get("confidence"),
                "probability_malignant": probabilities.get("malignant"),
                "images": whole["num_images"],
                "failed": whole["num_failed"],
                "not_assessable": whole["num_not_assessable"],
                "unfamiliar": whole.get("num_unfamiliar", 0),
                "duplicates": whole["num_duplicates"],
            }
        )
    return pa.Table.from_pylist(rows, schema=_PATIENTS)


def _vote(row: dict[str, Any], uncertain_below: float | None) -> dict[str, Any]:
    benign, malignant = row["probability_benign"], row["probability_malignant"]
    voted = row["success"] and malignant is not None
    return {
        "failed": not row["success"],
        "probabilities": {"benign": benign, "malignant": malignant} if voted else None,
        "unfamiliar": row["verdict"] == "unfamiliar",
        "sha256": row["file_sha256"],
        "uncertain_below": uncertain_below if row["success"] else None,
    }


def merge(table: pa.Table, file: Place) -> None:
    """Writes a table as one file: Parquet, or CSV by its name."""
    filesystem, path = resolve(file)
    if os.path.splitext(path)[1] == ".csv":
        with filesystem.open_output_stream(path) as stream:
            csv.write_csv(table, stream)
    else:
        parquet.write_table(table, path, filesystem=filesystem, compression="zstd")
