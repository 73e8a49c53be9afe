"""A cohort of drawn fields: 24 of six patients, and what is no image."""

import json
import pathlib
import shutil
import sys

import pytest

# Where workers find what tests hand them.
sys.path.insert(0, str(pathlib.Path(__file__).parent))
ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def cohort(tmp_path):
    """The manifest, and how many images it names."""
    folder = tmp_path / "images"
    shutil.copytree(ROOT / "www/public/demo-study", folder)
    rows = json.loads((folder / "study.json").read_text())
    (folder / "broken.png").write_bytes(b"no image")
    lines = ["path,patient", *(f"images/{row['file']},00{row['patient']}" for row in rows)]
    # Whose the broken one is, is not known; one line is there twice, one names nothing.
    lines += ["images/broken.png,", lines[1], "images/missing.jpg,006"]
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("\n".join(lines) + "\n")
    return manifest, 26


@pytest.fixture
def timeless():
    """Rows by path, whose reports are without times."""

    def strip(table):
        rows = {}
        for row in table.to_pylist():
            if row.get("report"):
                report = json.loads(row["report"])
                report.pop("timings_ms", None)
                row["report"] = report
            assert row["path"] not in rows, "an image is there twice"
            rows[row["path"]] = row
        return rows

    return strip
