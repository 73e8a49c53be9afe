"""A lesson that the command line teaches and exports says in ONNX Runtime what it says in the engine."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from models.train.data.pictures import cut_patches, read_rgb
from models.train.network.runtime import session, with_outputs
from PIL import Image

from ..conftest import ROOT

COMMAND = Path(os.environ.get("HISTOSCOPE_CLI", ROOT / "target" / "release" / "histoscope"))
STUDY = ROOT / "www" / "public" / "demo-study"
# Of a probability: the bytes of all layers are the engine's, and the head is single precision.
TOLERANCE = 1e-5
CLASSES = ["in situ", "invasive", "normal"]
# The network that a lesson is taught to, in `models/`.
NETWORKS = {"two": "histoscope-v0", "three": "histoscope-v0", "deeper": "histoscope-teaching"}


def run(*arguments) -> str:
    command = [COMMAND, *map(str, arguments)]
    place = os.environ | {"HISTOSCOPE_MODELS": str(ROOT / "models")}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=place).stdout


@pytest.fixture(scope="module", params=list(NETWORKS))
def kind(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def taught(tmp_path_factory, kind) -> Path:
    """A folder with the drawn study as PNG, a lesson, and it and its network in one file.

    Benign and malignant, or three classes, of the network that ships or of the deeper one.
    """
    if not COMMAND.exists():
        pytest.skip(f"NO COMMAND LINE: {COMMAND} is absent (make cli), so this was not tested")
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "study").mkdir()
    lines = ["file,label,patient"]
    for number, row in enumerate(json.loads((STUDY / "study.json").read_text())):
        # Two decoders of JPEG differ by a few levels; the same pixels are wanted.
        name = Path(row["file"]).with_suffix(".png").name
        Image.open(STUDY / row["file"]).convert("RGB").save(folder / "study" / name)
        label = row["label"]
        if kind != "two":
            label = "normal" if label == "benign" else CLASSES[number % 2]
        lines.append(f"{name},{label},{row['patient']}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    lesson = folder / "lesson.json"
    deeper = ["--deeper"] if kind == "deeper" else []
    run("teach", *deeper, "--labels", folder / "labels.csv", "--out", lesson, folder / "study")
    run("export", "--lesson", lesson, "--out", folder / "lesson.onnx")
    return folder


@pytest.mark.parametrize("exact", [True, False])
def test_the_exported_network_has_the_lessons_probabilities(taught, kind, exact):
    model = onnx.load(taught / "lesson.onnx")
    onnx.checker.check_model(model, full_check=True)
    runner = session(model, exact=exact)
    properties = runner.get_modelmeta().custom_metadata_map
    classes = ["benign", "malignant"] if kind == "two" else CLASSES
    assert json.loads(properties["histoscope.classes"]) == classes
    # The base multiplies bytes.
    operators = [node.op_type for node in model.graph.node]
    assert "QLinearConv" in operators and "Conv" not in operators
    files = sorted((taught / "study").glob("*-1.png"))
    assert len(files) == 6
    options = ["--json", "--no-screen", "--max-patches", "all"]
    lesson = ["--lesson", taught / "lesson.json"]
    reports = json.loads(run("predict", *options, *lesson, *files))["individual_results"]
    for file, report in zip(files, reports, strict=True):
        patches = cut_patches(read_rgb(file))
        logits, found = runner.run(["logits", "probabilities"], {"image": patches})
        if kind == "two":
            said = [report["probabilities"][name] for name in classes]
        else:
            assert report["taught"]["classes"] == classes
            voters = np.array(report["taught"]["voters"])
            np.testing.assert_allclose(found, voters, rtol=0, atol=TOLERANCE)
            said = report["taught"]["probabilities"]
        np.testing.assert_allclose(found.mean(0), said, rtol=0, atol=TOLERANCE)
        assert (logits.argmax(1) == found.argmax(1)).all()


def test_the_head_is_the_lesson_to_the_digits_of_single_precision(taught, kind):
    model = onnx.load(taught / "lesson.onnx")
    lesson = json.loads((taught / "lesson.json").read_text())
    manifest = json.loads((ROOT / "models" / f"{NETWORKS[kind]}.json").read_text())
    levels = [level["tensor"] for level in manifest["features"]["levels"]]
    runner = session(with_outputs(model, [*levels, "logits"]), exact=True)
    (file, *_) = sorted((taught / "study").glob("*.png"))
    *maps, logits = runner.run(None, {"image": cut_patches(read_rgb(file))})
    maps = [level.astype(np.float64) for level in maps]
    assert manifest["features"]["statistics"] == ["mean", "mean_square"]
    values = [level.mean((2, 3)) for level in maps] + [(level**2).mean((2, 3)) for level in maps]
    wanted = np.concatenate(values, 1) @ np.array(lesson["weights"]).T + lesson["bias"]
    np.testing.assert_allclose(logits, wanted / lesson["temperature"], rtol=0, atol=1e-3)
