"""Reference outputs of both models on generated patches, for the tests of every engine.

    python -m models.train.release.reference --models models --out tests/fixtures/reference

Writes patch_*.png, outputs.json and familiarity.json. `cam_sum` is the sum of the map over its
positions; familiarity.json has the features of each patch, and the distance of an image that the
patches of tissue vote for.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from PIL import Image

from ..data.synthetic import reference_patches
from ..evaluate.metrics import softmax
from ..familiarity.file import read_density
from ..familiarity.left_out import limit_for
from ..familiarity.levels import Taps, columns
from ..network.runtime import session
from .files import MANIFEST

TISSUE = 6  # of the reference patches; then noise and glass


def outputs(model: onnx.ModelProto, patches: np.ndarray, temperature: float) -> list[dict]:
    """Per patch: logits, probabilities and sum of the map, from the graph run as written."""
    logits, cam = session(model, exact=True).run(["logits", "cam"], {"image": patches})
    columns = {
        "logits": logits,
        "probabilities": softmax(logits / temperature),
        "cam_sum": cam.sum((1, 2)),
    }
    return [
        {name: [float(v) for v in values[i]] for name, values in columns.items()}
        for i in range(len(patches))
    ]


def familiarity(models: Path, manifest: dict, patches: np.ndarray) -> dict:
    """Features f32 of each patch; what the shipped statistics say of the first TISSUE together."""
    levels = [level["name"] for level in manifest["features"]["levels"]]
    taps = Taps(onnx.load(models / manifest["variants"]["int8"]["file"]), levels)
    features = taps.features(patches)
    content = json.loads((models / manifest["familiarity"]["file"]).read_text())
    used = columns(content["levels"], content["statistics"], levels)
    mean = features[:TISSUE].astype(np.float64).mean(0)[used]
    return {
        "model": manifest["variants"]["int8"]["sha256"],
        "statistics": manifest["familiarity"]["sha256"],
        "features": [[float(f"{value:.7g}") for value in row] for row in features],
        "voters": TISSUE,
        "distance": float(read_density(content).distances(mean[None])[0]),
        "limit": float(limit_for(content["limits"], np.array([TISSUE]))[0]),
    }


def write(models: Path, out: Path) -> None:
    manifest = json.loads((models / MANIFEST).read_text())
    temperature = manifest["calibration"]["temperature"]
    out.mkdir(parents=True, exist_ok=True)
    patches = np.stack(reference_patches())
    entries = [{"file": f"patch_{i}.png"} for i in range(len(patches))]
    for entry, patch in zip(entries, patches, strict=True):
        Image.fromarray(patch).save(out / entry["file"], optimize=True)
    for variant, described in manifest["variants"].items():
        model = onnx.load(models / described["file"])
        for entry, found in zip(entries, outputs(model, patches, temperature), strict=True):
            entry[variant] = found
    document = {
        "onnxruntime": onnxruntime.__version__,
        "models": {name: variant["sha256"] for name, variant in manifest["variants"].items()},
        "patches": entries,
    }
    (out / "outputs.json").write_text(json.dumps(document, indent=1) + "\n")
    if "familiarity" in manifest:
        found = familiarity(models, manifest, patches)
        (out / "familiarity.json").write_text(json.dumps(found) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write(arguments.models, arguments.out)


if __name__ == "__main__":
    main()
