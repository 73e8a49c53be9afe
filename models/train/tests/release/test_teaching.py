"""The deeper network for lessons, as it ships."""

import dataclasses
import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
from models.train.familiarity import file
from models.train.familiarity.levels import columns
from models.train.network.architecture import TEACHING_LEVELS
from onnx import numpy_helper

from ..small_sets import draw


@pytest.fixture(scope="module")
def described(models_folder) -> dict:
    return json.loads((models_folder / "histoscope-teaching.json").read_text())


@pytest.fixture(scope="module")
def content(described, models_folder) -> bytes:
    return (models_folder / described["variants"]["int8"]["file"]).read_bytes()


@pytest.fixture(scope="module")
def graph(content) -> onnx.GraphProto:
    return onnx.load_from_string(content).graph


def constants(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def test_the_file_has_the_size_and_hash_of_its_manifest_and_keeps_its_budget(described, content):
    entry = described["variants"]["int8"]
    assert len(content) == entry["bytes"] <= 3_000_000
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]


def test_its_own_head_says_nothing(described, graph):
    values = constants(graph)
    assert not values["head_w_q"].any() and not values["head_b_q"].any()
    # What says one half is open at any threshold above it.
    assert described["calibration"]["uncertain_below"] > 0.5


def test_its_levels_are_in_the_graph_with_their_channels(described, graph):
    made_by = {output: node for node in graph.node for output in node.output}
    values = constants(graph)
    for level in described["features"]["levels"]:
        assert made_by[level["tensor"]].op_type == "DequantizeLinear"
        readers = [
            values[made_by[node.input[1]].input[0]]
            for node in graph.node
            if node.op_type == "Conv" and node.input[0] == level["tensor"]
        ]
        assert {weight.shape[1] for weight in readers} == {level["channels"]}


def test_it_looks_at_the_patches_of_the_shipped_model(described, manifest):
    assert described["input"] == manifest["input"]
    ours, shipped = (one["training"]["um_per_pixel"] for one in (described, manifest))
    assert ours == shipped


def test_its_statistics_belong_to_it(described, models_folder):
    entry = described["familiarity"]
    written = (models_folder / entry["file"]).read_bytes()
    assert (len(written), hashlib.sha256(written).hexdigest()) == (entry["bytes"], entry["sha256"])
    statistics = json.loads(written)
    assert statistics["model_sha256"] == described["variants"]["int8"]["sha256"]
    assert described["features"] == file.features(TEACHING_LEVELS)
    used = len(columns(statistics["levels"], statistics["statistics"], TEACHING_LEVELS))
    assert file.read_density(statistics).whitening.shape == (used, used)


def test_the_figures_are_its_own_and_int8_loses_nothing(described, results):
    found = results["teaching"]
    kept = {name: found["file"][name] for name in ("file", "bytes", "sha256")}
    assert kept == {name: described["variants"]["int8"][name] for name in kept}
    assert found["recipe"] == described["training"]["recipe"]
    ships, f32, int8 = found["lessons"]
    for place in ("oral", "foreign"):
        for kind, (mean, *_) in f32[place].items():
            assert int8[place][kind][0] > mean - 0.005, (place, kind)
    # What it is for.
    assert int8["oral"]["5 folds"][0] >= 0.88 and int8["oral"]["half"][0] >= 0.86
    for kind, (mean, *_) in ships["oral"].items():
        assert int8["oral"][kind][0] > mean, kind


def test_the_manifest_is_what_the_release_writes(described, content, tmp_path):
    pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")
    from models.train.fit.tissues import CUT, headless
    from models.train.network.lite0 import Lite0
    from models.train.release import teaching

    network = headless(Lite0(CUT, pretrained=False))
    model = onnx.load_from_string(content)
    written = teaching.write(tmp_path, network, model, 6606, "BreakHis, subset")
    assert (tmp_path / teaching.FILE).read_bytes() == content
    made_later = described["training"]["revision"], described["familiarity"]
    written["training"]["revision"], written["familiarity"] = made_later
    assert written == described


@pytest.fixture
def small(tmp_path, models_folder):
    """Small sets, and a copy of the models."""
    models = tmp_path / "models"
    models.mkdir()
    for path in models_folder.glob("*.*"):
        shutil.copy(path, models)
    arguments = draw(tmp_path, 12, models)
    arguments.cli = None
    return arguments


def test_a_small_release_writes_all_that_ships(small, monkeypatch):
    pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")
    from models.train.experiments import backbone, lessons, shipped_lessons
    from models.train.familiarity import make
    from models.train.release import card, teaching

    schedule = dataclasses.replace(teaching.SCHEDULE, steps=1, head_steps=1, crops=4)
    monkeypatch.setattr(teaching, "SCHEDULE", schedule)
    monkeypatch.setattr(backbone, "CROPS", 8)
    monkeypatch.setattr(lessons, "DRAWS", 2)
    monkeypatch.setattr(shipped_lessons, "HALVES", 2)
    monkeypatch.setattr(shipped_lessons, "SIZES", (1, 2))
    monkeypatch.setattr(make, "EXAMPLES", {"glass": lambda _: [np.full((224, 224, 3), 245, "u1")]})
    monkeypatch.setattr(card, "_teaching", lambda results: f"Sizes: {len(results['teaching'])}.")
    before = json.loads((small.models / "metrics.json").read_text())
    teaching.release(small, lambda _: None)
    written = json.loads((small.models / "histoscope-teaching.json").read_text())
    content = (small.models / teaching.FILE).read_bytes()
    assert hashlib.sha256(content).hexdigest() == written["variants"]["int8"]["sha256"]
    assert not constants(onnx.load_from_string(content).graph)["head_w_q"].any()
    statistics = json.loads((small.models / written["familiarity"]["file"]).read_text())
    assert statistics["model_sha256"] == written["variants"]["int8"]["sha256"]
    found = json.loads((small.models / "metrics.json").read_text())
    assert [row["network"] for row in found["teaching"]["lessons"]] == [
        "ships, int8",
        "deeper, f32",
        "deeper, int8",
    ]
    # What ships stays what it was.
    assert {name: found[name] for name in found if name != "teaching"} == {
        name: before[name] for name in before if name != "teaching"
    }
