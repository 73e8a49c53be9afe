"""The shipped files agree with each other and reproduce the committed reference outputs."""

import hashlib
import json

import numpy as np
import onnx
import pytest
from models.train.data.synthetic import reference_patches
from models.train.evaluate.metrics import softmax
from models.train.network.runtime import session
from models.train.release import card
from models.train.release.reference import familiarity
from PIL import Image

# Float sums differ a little between versions and CPUs. In the int8 graph such a difference can
# flip a rounding, which moves a logit by about one step of the head.
TOLERANCE = {"f32": 1e-4, "int8": 2e-2}


def test_files_have_the_size_and_hash_of_the_manifest(manifest, models_folder, variant):
    described = manifest["variants"][variant]
    content = (models_folder / described["file"]).read_bytes()
    assert len(content) == described["bytes"]
    assert hashlib.sha256(content).hexdigest() == described["sha256"]


def test_int8_file_is_within_its_budget(manifest):
    assert manifest["variants"]["int8"]["bytes"] <= 4_000_000
    assert manifest["macs_per_patch"] <= 400_000_000


def test_manifest_and_card_follow_from_the_results(manifest, results, models_folder):
    assert manifest["training"]["revision"] == results["revision"]
    assert manifest["calibration"]["temperature"] == results["calibration"]["temperature"]
    for variant, scores in results["scores"].items():
        assert manifest["metrics"][f"auc_{variant}"] == round(scores["auc"]["mean"], 4)
    written = (models_folder / "MODEL_CARD.md").read_text()
    assert written == card.render(manifest, results)


def reference(folder) -> tuple[dict, np.ndarray]:
    document = json.loads((folder / "outputs.json").read_text())
    images = [Image.open(folder / entry["file"]) for entry in document["patches"]]
    return document, np.stack([np.asarray(image) for image in images])


def test_reference_patches_are_the_generated_ones(reference_folder):
    _, patches = reference(reference_folder)
    assert np.array_equal(patches, np.stack(reference_patches()))


@pytest.mark.parametrize("exact", [True, False], ids=["as written", "optimised"])
def test_reference_outputs_are_reproduced(
    manifest, models_folder, reference_folder, variant, exact
):
    document, patches = reference(reference_folder)
    assert document["models"][variant] == manifest["variants"][variant]["sha256"]
    model = onnx.load(models_folder / manifest["variants"][variant]["file"])
    logits, cam = session(model, exact).run(["logits", "cam"], {"image": patches})
    wanted = np.array([entry[variant]["logits"] for entry in document["patches"]])
    np.testing.assert_allclose(logits, wanted, atol=TOLERANCE[variant])
    np.testing.assert_allclose(cam.mean((1, 2)), logits, atol=1e-4)
    probabilities = softmax(logits / manifest["calibration"]["temperature"])
    wanted = np.array([entry[variant]["probabilities"] for entry in document["patches"]])
    np.testing.assert_allclose(probabilities, wanted, atol=TOLERANCE[variant])
    sums = np.array([entry[variant]["cam_sum"] for entry in document["patches"]])
    np.testing.assert_allclose(
        cam.sum((1, 2)), sums, atol=TOLERANCE[variant] * cam.shape[1] * cam.shape[2]
    )


def test_int8_stays_near_f32_on_the_reference_patches(reference_folder):
    document, _ = reference(reference_folder)
    tissue = document["patches"][:6]
    gaps = [abs(e["int8"]["probabilities"][1] - e["f32"]["probabilities"][1]) for e in tissue]
    assert max(gaps) < 0.1


def test_a_batch_gives_what_its_patches_give_alone(manifest, models_folder, variant):
    model = onnx.load(models_folder / manifest["variants"][variant]["file"])
    runner = session(model, exact=True)
    patches = np.stack(reference_patches()[:3])
    (together,) = runner.run(["logits"], {"image": patches})
    alone = [runner.run(["logits"], {"image": patches[i : i + 1]})[0][0] for i in range(3)]
    np.testing.assert_allclose(together, alone, atol=TOLERANCE[variant])


def test_the_familiarity_of_the_reference_patches_is_the_committed_one(
    manifest, models_folder, reference_folder
):
    committed = json.loads((reference_folder / "familiarity.json").read_text())
    patches = np.stack(reference_patches())
    found = familiarity(models_folder, manifest, patches)
    for name in ("model", "statistics", "voters", "limit"):
        assert committed[name] == found[name]
    # Sums of bytes, of which float engines may round a few the other way.
    np.testing.assert_allclose(committed["features"], found["features"], atol=5e-3, rtol=1e-3)
    assert committed["distance"] == pytest.approx(found["distance"], rel=1e-3)
