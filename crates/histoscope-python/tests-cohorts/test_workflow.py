"""The Snakemake module around the command line, on its local executor."""

import csv
import os
import pathlib
import subprocess
import sys

import histoscope
from histoscope import cohort as cohorts

ROOT = pathlib.Path(__file__).resolve().parents[3]


def snakemake(manifest, directory):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(directory)]
    command += ["--snakefile", str(ROOT / "crates/histoscope-cli/workflow/Snakefile")]
    command += ["--config", f"manifest={manifest}", "options=--max-patches 4 --count-unfamiliar"]
    command += [f"histoscope={os.environ['HISTOSCOPE_CLI']}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_workflow_says_what_the_package_says(cohort, tmp_path):
    manifest, count = cohort
    snakemake(manifest, tmp_path)
    images = table(tmp_path / "results/images.csv")
    assert len(images) == count
    cohorts.run(manifest, tmp_path / "out", max_patches=4)
    results = cohorts.results(tmp_path / "out")
    rows = {pathlib.Path(row["path"]).name: row for row in results.to_pylist()}
    assert len(rows) == count
    for image in images:
        row = rows[pathlib.Path(image["path"]).name]
        for name in ("verdict", "prediction", "patient", "file_sha256", "error_code"):
            assert image[name] == (row[name] or ""), image
        for name in ("confidence", "probability_malignant", "distance"):
            assert image[name] == ("" if row[name] is None else repr(row[name])), image
    classifier = histoscope.Classifier()
    expected = cohorts.patients(results, classifier, count_unfamiliar=True).to_pylist()
    told = table(tmp_path / "results/patients.csv")
    as_text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in expected]
    assert told == as_text
    # Of a patient with one image the command line says as much as of one with many.
    alone = tmp_path / "alone.csv"
    alone.write_text("path,patient\nimages/drawn-5-2.jpg,005\n")
    snakemake(alone, tmp_path / "alone")
    [patient] = table(tmp_path / "alone/results/patients.csv")
    folder = classifier.predict_folder(
        [manifest.parent / "images/drawn-5-2.jpg"], count_unfamiliar=True, max_patches=4
    )
    assert patient["verdict"] == folder.aggregated_diagnosis.verdict
    assert patient["confidence"] == repr(folder.aggregated_diagnosis.confidence)
    assert patient["unfamiliar"] == "1"
    # What is done is not done again.
    assert "Nothing to be done" in snakemake(manifest, tmp_path)
