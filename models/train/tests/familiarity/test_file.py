"""The file of the statistics: distances survive it, and the manifest names it."""

import hashlib
import json

import numpy as np
import pytest
from models.train.familiarity import file
from models.train.familiarity.density import Density
from models.train.familiarity.levels import columns
from models.train.network.architecture import SHIPPED_LEVELS, TEACHING_LEVELS

RANDOM = np.random.default_rng(0)
DENSITY = Density(RANDOM.normal(0, 1, 80), np.tril(RANDOM.normal(0, 1, (80, 80))))
LIMITS = [{"from_voters": 1, "limit": 2.0}, {"from_voters": 4, "limit": 1.5}]


def document() -> dict:
    return file.document(b"model", ["b6"], ["mean"], DENSITY, LIMITS, {"images": 3})


def test_what_is_read_again_gives_the_same_distances():
    content = json.loads(file.text(document()))
    again = file.read_density(content)
    values = RANDOM.normal(0, 1, (20, 80))
    np.testing.assert_allclose(again.distances(values), DENSITY.distances(values), rtol=1e-5)
    assert [len(row) for row in content["whitening"]] == [80] * 80
    assert content["model_sha256"] == hashlib.sha256(b"model").hexdigest()


def test_the_manifest_names_features_and_file(tmp_path):
    before = {"schema_version": 1, "variants": {"int8": {}}, "calibration": {}}
    (tmp_path / "model.json").write_text(json.dumps(before))
    for _ in range(2):  # the second time in the place of the first
        file.write(tmp_path, "model.json", "model.familiarity.json", document())
    found = json.loads((tmp_path / "model.json").read_text())
    assert list(found) == [*list(before)[:2], "features", "familiarity", "calibration"]
    content = (tmp_path / "model.familiarity.json").read_bytes()
    assert found["familiarity"]["bytes"] == len(content)
    assert found["familiarity"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert found["features"] == file.features(SHIPPED_LEVELS)
    file.write(tmp_path, "model.json", "model.familiarity.json", document(), TEACHING_LEVELS)
    found = json.loads((tmp_path / "model.json").read_text())["features"]
    assert [level["name"] for level in found["levels"]] == ["b7", "b10", "b14"]
    assert found["statistics"] == ["mean", "mean_square"]


@pytest.fixture
def shipped(manifest, models_folder) -> dict:
    return json.loads((models_folder / manifest["familiarity"]["file"]).read_text())


def test_the_shipped_file_belongs_to_the_shipped_model(shipped, manifest, models_folder):
    content = (models_folder / manifest["familiarity"]["file"]).read_bytes()
    assert len(content) == manifest["familiarity"]["bytes"]
    assert hashlib.sha256(content).hexdigest() == manifest["familiarity"]["sha256"]
    assert shipped["model_sha256"] == manifest["variants"]["int8"]["sha256"]
    assert manifest["features"] == file.features(SHIPPED_LEVELS)


def test_the_shipped_statistics_are_whole(shipped):
    used = len(columns(shipped["levels"], shipped["statistics"]))
    density = file.read_density(shipped)
    assert density.mean.shape == (used,)
    assert density.whitening.shape == (used, used)
    assert (np.diag(density.whitening) > 0).all()
    voters = [row["from_voters"] for row in shipped["limits"]]
    assert voters[0] == 1
    assert voters == sorted(set(voters))
    assert all(row["limit"] > 0 for row in shipped["limits"])
