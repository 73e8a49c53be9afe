"""The Snakemake module around the command line, on its local executor."""

import csv
import importlib.util
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


def merge():
    """The script of the workflow that makes the tables."""
    path = ROOT / "crates/histoscope-cli/workflow/merge.py"
    spec = importlib.util.spec_from_file_location("merge", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_patient_has_the_probability_of_each_class_of_a_lesson(tmp_path):
    own = {"benign": 0.25, "malignant": 0.75}
    report = {
        "verdict": "malignant",
        "aggregated_diagnosis": {"prediction": "malignant", "confidence": 0.75}
        | {"probabilities": own},
        "taught": None,
        **{f"num_{what}": 0 for what in ("images", "failed", "not_assessable", "duplicates")},
    }
    shares = {"benign": 0.5, "borderline": 0.125, "malignant": 0.375}
    taught = {"verdict": "benign", "prediction": "benign", "confidence": 0.5}
    taught |= {"classes": list(shares), "probabilities": list(shares.values())}
    tables = merge()
    row = tables.patient_row("a", report | {"taught": taught})
    assert (row["verdict"], row["confidence"]) == ("benign", 0.5)
    assert {name: row[f"probability_{name}"] for name in shares} == shares
    tables.write(tmp_path / "p.csv", tables.PATIENT, [row])
    [told] = table(tmp_path / "p.csv")
    assert {name: float(told[f"probability_{name}"]) for name in shares} == shares
    # Of two, that of one tells both.
    row = tables.patient_row("a", report)
    assert row["probability_malignant"] == 0.75
    assert "probability_benign" not in row


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
