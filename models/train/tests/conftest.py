"""Where the tests find the shipped models, the reference outputs and the shared pictures."""

import json
import os
from pathlib import Path

import onnx
import pytest
from models.train.data.pictures import Picture, find_pictures

try:
    import torch
except ImportError:  # the tests that need it are skipped
    pass
else:
    # The networks of the tests are too small for more: threads would wait for each other.
    torch.set_num_threads(1)

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "models"
REFERENCE = ROOT / "tests" / "fixtures" / "reference"
DATA = Path(os.environ.get("HISTOSCOPE_DATA", ROOT.parent / "shared" / "breakhis"))


@pytest.fixture(scope="session")
def manifest() -> dict:
    return json.loads((MODELS / "histoscope-v0.json").read_text())


@pytest.fixture(scope="session")
def results() -> dict:
    return json.loads((MODELS / "metrics.json").read_text())


@pytest.fixture(scope="session")
def models_folder() -> Path:
    return MODELS


@pytest.fixture(scope="session")
def reference_folder() -> Path:
    return REFERENCE


@pytest.fixture(scope="session", params=["int8", "f32"])
def variant(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def int8(manifest) -> onnx.ModelProto:
    return onnx.load(MODELS / manifest["variants"]["int8"]["file"])


@pytest.fixture(scope="session")
def breakhis() -> Path:
    """The folder of real pictures; HISTOSCOPE_DATA names another one."""
    if not DATA.exists():
        remedy = "BreakHis, see models/train/README.md; HISTOSCOPE_DATA names another folder"
        pytest.skip(f"NO REAL PICTURES: {DATA} is absent ({remedy}), so this was not tested")
    return DATA


@pytest.fixture(scope="session")
def pictures(breakhis) -> list[Picture]:
    """All real pictures; found once, because the doubles among them have to be decoded."""
    return find_pictures(breakhis)
