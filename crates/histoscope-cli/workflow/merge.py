"""Two tables from the reports on patients: one row an image, and one a patient.

Run by the Snakefile, which hands over `snakemake`; nothing but Python's own library is needed.
"""

import csv
import json
import pathlib

IMAGE = (
    *("path", "patient", "success", "verdict", "prediction", "confidence"),
    *("probability_benign", "probability_malignant", "num_patches", "distance", "file_sha256"),
    *("error_code", "error_message"),
)
PATIENT = (
    *("patient", "verdict", "prediction", "confidence", "probability_malignant"),
    *("images", "failed", "not_assessable", "unfamiliar", "duplicates"),
)


# Behind it stand those of the classes of a lesson, or of a model's own, that are neither.
LAST = "probability_malignant"


def said_of(report, own):
    """What the head that judged says: of other classes, else `own`, of benign and malignant."""
    taught = report.get("taught")
    said = taught or own
    shares = (own.get("probabilities") or {}).items()
    if taught:
        shares = zip(taught["classes"], taught["probabilities"] or (), strict=False)
    keys = ("verdict", "prediction", "confidence")
    return {key: said.get(key) for key in keys} | {f"probability_{name}": p for name, p in shares}


def image_row(path, patient, result):
    """A line of the table of images; what has no value is left empty."""
    error = result.get("error", {})
    known = {key: result[key] for key in ("success", "num_patches") if key in result}
    familiarity = (result.get("taught") or result).get("familiarity") or {}
    return (
        known
        | said_of(result, result)
        | {
            "path": path,
            "patient": patient,
            "distance": familiarity.get("distance"),
            "file_sha256": result.get("sha256"),
            "error_code": error.get("code"),
            "error_message": error.get("message"),
        }
    )


def patient_row(patient, report):
    """A line of the table of patients, from the report on all images together."""
    diagnosis = {"verdict": report["verdict"]} | (report["aggregated_diagnosis"] or {})
    said = said_of(report, diagnosis)
    if report.get("taught") is None:
        # It is what is left of the other one. Of more classes none is.
        said.pop("probability_benign", None)
    return said | {
        "patient": patient,
        "images": report["num_images"],
        "failed": report["num_failed"],
        "not_assessable": report["num_not_assessable"],
        "unfamiliar": report.get("num_unfamiliar", 0),
        "duplicates": report["num_duplicates"],
    }


def main(reports, patients, images_file, patients_file):
    """Reads `reports` in the order of `patients`: key to name and images by where they lie."""
    image_rows, patient_rows = [], []
    for file, (patient, images) in zip(reports, patients.values(), strict=True):
        report = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        if "individual_results" not in report:
            raise SystemExit(f"{file}: {report['error']['message']}")
        results = zip(images.values(), report["individual_results"], strict=True)
        image_rows += [image_row(path, patient, result) for path, result in results]
        # Images whose patient is not known belong together in nothing.
        if patient:
            patient_rows.append(patient_row(patient, report))
    write(images_file, IMAGE, sorted(image_rows, key=lambda row: row["path"]))
    write(patients_file, PATIENT, sorted(patient_rows, key=lambda row: row["patient"]))


def write(file, columns, rows):
    """A table as CSV."""
    others = dict.fromkeys(column for row in rows for column in row if column not in columns)
    behind = columns.index(LAST) + 1
    columns = (*columns[:behind], *others, *columns[behind:])
    with open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)


if "snakemake" in globals():
    main(
        snakemake.input,  # noqa: F821
        snakemake.params.patients,  # noqa: F821
        snakemake.output.images,  # noqa: F821
        snakemake.output.patients,  # noqa: F821
    )
