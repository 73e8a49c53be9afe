"""The command from files to files: what it writes, what it says of it, and what it refuses."""

import hashlib
import json
import os
import sys
from pathlib import Path

import onnx
import pytest

from models.export.__main__ import main
from models.export.errors import ExportError
from models.export.manifest import Labels
from models.export.patches import cut, held_out

from .conftest import SIDE

ROOT = Path(__file__).resolve().parents[3]
COMMAND = Path(os.environ.get("HISTOSCOPE_CLI", ROOT / "target" / "release" / "histoscope"))


@pytest.fixture
def run(monkeypatch, capsys, network, fields, tmp_path):
    """Runs the command; returns its status, what it printed, and the folder."""
    file = tmp_path / "small.onnx"
    onnx.save(network, file)

    def call(*more: object, model: Path = file):
        words = ["export", model, "--images", fields, "--labels", "benign,malignant"]
        words += ["--side", SIDE, "--mean", "0.5,0.5,0.5", "--std", "0.25,0.25,0.25"]
        words += ["--out", tmp_path / "out", *more]
        monkeypatch.setattr(sys, "argv", [str(word) for word in words])
        status = main()
        return status, capsys.readouterr(), tmp_path / "out"

    return call


def test_the_files_are_those_of_the_manifest(run):
    status, printed, out = run("--um-per-pixel", "0.5")
    assert status == 0, printed.err
    manifest = json.loads((out / "small.json").read_text())
    assert manifest["input"] == {
        "dtype": "uint8",
        "layout": "NHWC",
        "channels": "RGB",
        "patch_size": SIDE,
    }
    assert manifest["training"] == {"um_per_pixel": [0.5, 0.5]}
    assert "groups" not in manifest
    for entry in manifest["variants"].values():
        content = (out / entry["file"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    report = json.loads(printed.out)
    assert report["held_out"]["images"]["greatest"] < 0.05
    assert report["bytes"]["int8"] < report["bytes"]["f32"]


def test_histoscope_says_the_same(run):
    if not COMMAND.exists():
        pytest.skip(f"NO COMMAND LINE: {COMMAND} is absent (make cli), so this was not tested")
    status, printed, _ = run("--cli", COMMAND)
    assert status == 0, printed.err
    assert json.loads(printed.out)["cli"]["greatest"] < 0.01


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--labels", "benign"), "labels_wrong"),
        (("--labels", "normal,tumour"), "labels_ungrouped"),
        (("--labels", "benign,normal,malignant"), "labels_count"),
        (("--images", "nowhere"), "images_missing"),
        (("--side", "1000"), "image_too_small"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(run, more, code):
    status, printed, _ = run(*more)
    assert status == 1
    assert printed.err.rstrip().endswith(f"[{code}]")


def test_what_is_no_model_is_named(run, tmp_path):
    other = tmp_path / "other.onnx"
    other.write_bytes(b"<html>")
    status, printed, _ = run(model=other)
    assert status == 1
    assert "[file_unreadable]" in printed.err or "[graph_invalid]" in printed.err


def test_labels_are_grouped():
    labels = Labels.parse(["normal", "in situ", "invasive"], ["in situ", "invasive"])
    assert labels.groups() == {"benign": ["normal"], "malignant": ["in situ", "invasive"]}
    with pytest.raises(ExportError, match="not clear"):
        Labels.parse(["a", "b"], ["c"])


def test_an_image_is_cut_as_the_core_cuts_it(fields):
    path = next(fields.iterdir())
    assert cut(path, SIDE).patches.shape == (9, SIDE, SIDE, 3)
    assert cut(path, SIDE, most=2).patches.shape[0] == 2


def test_images_are_kept_for_the_comparison():
    paths = [Path(str(i)) for i in range(9)]
    learned, kept = held_out(paths)
    assert len(kept) == 2 and not set(learned) & set(kept)
