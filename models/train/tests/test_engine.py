"""The project's own engine, through its command line, against ONNX Runtime on real pictures."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from models.train.data import cut_patches, find_pictures, read_rgb
from models.train.metrics import softmax
from models.train.runtime import session

from .conftest import ROOT

COMMAND = Path(os.environ.get("HISTOSCOPE_CLI", ROOT / "target" / "release" / "histoscope"))
PICTURES = 8
TOLERANCE = 0.01  # of a probability


@pytest.fixture(scope="module")
def pictures(breakhis) -> list[Path]:
    found = find_pictures(breakhis)
    return [found[i * len(found) // PICTURES].path for i in range(PICTURES)]


def reports(pictures: list[Path], model: Path) -> list[dict]:
    if not COMMAND.exists():
        pytest.skip(f"NO COMMAND LINE: {COMMAND} is absent (make cli), so this was not tested")
    # Every patch is compared, also one that the screen would leave out.
    command = [COMMAND, "predict", "--json", "--no-screen", "--model", model, *pictures]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)["individual_results"]


def test_engine_agrees_with_onnx_runtime(pictures, manifest, models_folder, variant):
    model = models_folder / manifest["variants"][variant]["file"]
    runner = session(onnx.load(model), exact=True)
    by_name = {report["filename"]: report for report in reports(pictures, model)}
    for picture in pictures:
        report = by_name[picture.name]
        patches = cut_patches(read_rgb(picture))
        (logits,) = runner.run(["logits"], {"image": patches})
        wanted = softmax(logits / manifest["calibration"]["temperature"])
        found = np.array(
            [[p["probabilities"][label] for label in manifest["labels"]] for p in report["patches"]]
        )
        np.testing.assert_allclose(found, wanted, atol=TOLERANCE)
        mean = wanted.mean(0)
        assert report["confidence"] == pytest.approx(mean.max(), abs=TOLERANCE)
        if mean.max() > 0.5 + TOLERANCE:
            assert report["prediction"] == manifest["labels"][mean.argmax()]
