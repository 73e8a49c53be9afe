"""The project's own engine, through its command line, against ONNX Runtime on real pictures."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from models.train.data.pictures import cut_patches, read_rgb
from models.train.evaluate.metrics import softmax
from models.train.network.runtime import session

from ..conftest import ROOT

COMMAND = Path(os.environ.get("HISTOSCOPE_CLI", ROOT / "target" / "release" / "histoscope"))
FILES = 8
TOLERANCE = 0.01  # of a probability


@pytest.fixture(scope="module")
def files(pictures) -> list[Path]:
    if not COMMAND.exists():
        pytest.skip(f"NO COMMAND LINE: {COMMAND} is absent (make cli), so this was not tested")
    # Two decoders of JPEG differ by a few levels, which is as much as a probability may: the same pixels.
    lossless = [picture.path for picture in pictures if picture.path.suffix == ".webp"]
    return [lossless[i * len(lossless) // FILES] for i in range(FILES)]


def reports(files: list[Path], model: Path) -> list[dict]:
    # Every patch is compared, also one that the screen would leave out.
    command = [COMMAND, "predict", "--json", "--no-screen", "--model", model, *files]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)["individual_results"]


def test_engine_agrees_with_onnx_runtime(files, manifest, models_folder, variant):
    model = models_folder / manifest["variants"][variant]["file"]
    runner = session(onnx.load(model), exact=True)
    by_name = {report["filename"]: report for report in reports(files, model)}
    for file in files:
        report = by_name[file.name]
        patches = cut_patches(read_rgb(file))
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
