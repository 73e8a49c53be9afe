"""What the networks of tests/exporters look at, and what ONNX Runtime says of it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image, ImageDraw

SIDE = 224
# Of ImageNet.
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def patch() -> np.ndarray:
    """A drawn field, `uint8 [SIDE, SIDE, 3]`: nuclei on pink ground."""
    random = np.random.default_rng(1)
    picture = Image.new("RGB", (SIDE, SIDE), (226, 178, 205))
    draw = ImageDraw.Draw(picture)
    for _ in range(90):
        x, y = random.uniform(0, SIDE, 2)
        a, b = random.uniform(4, 9, 2)
        colour = tuple(int(value) for value in random.normal((104, 62, 142), 14).clip(0, 255))
        draw.ellipse((x - a, y - b, x + a, y + b), fill=colour)
    noise = random.normal(0, 5, (SIDE, SIDE, 3))
    return (np.asarray(picture) + noise).round().clip(0, 255).astype(np.uint8)


def scaled(pixels: np.ndarray, layout: str = "NCHW") -> np.ndarray:
    """`float32 [1, 3, SIDE, SIDE]`, or with the channels last."""
    real = ((pixels / 255 - MEAN) / STD)[None].astype(np.float32)
    return real if layout == "NHWC" else np.ascontiguousarray(real.transpose(0, 3, 1, 2))


def second_class(path: Path, layout: str = "NCHW", are_logits: bool = True) -> float:
    """Its probability of the drawn field in ONNX Runtime."""
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    fed = scaled(patch(), layout)
    if entry.type == "tensor(float16)":
        fed = fed.astype(np.float16)
    scores = session.run(None, {entry.name: fed})[0].astype(np.float64).ravel()
    powers = np.exp(scores - scores.max()) if are_logits else scores
    return float(powers[1] / powers.sum())


def write_manifest(path: Path, layout: str = "NCHW", are_logits: bool = True) -> None:
    """Beside the network at `path`."""
    model = path.read_bytes()
    variant = {
        "file": path.name,
        "bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
    }
    manifest = {
        "schema_version": 1,
        "name": path.stem,
        "version": "1",
        "labels": ["benign", "malignant"],
        "input": {
            "dtype": "float32",
            "layout": layout,
            "channels": "RGB",
            "patch_size": SIDE,
            "normalisation": {"divisor": 255, "mean": list(MEAN), "std": list(STD)},
        },
        "outputs": {"scores": "logits" if are_logits else "probabilities"},
        "calibration": {"temperature": 1, "uncertain_below": None},
        "variants": {"f32": variant},
    }
    path.with_suffix(".json").write_text(json.dumps(manifest))


def add_row(folder: Path, name: str, expected: float) -> None:
    """Writes what ONNX Runtime says of this file into EXPECTED.tsv and says it, too."""
    table = folder / "EXPECTED.tsv"
    old = table.read_text().splitlines() if table.exists() else []
    kept = [row for row in old if row.split("\t")[0] != name]
    table.write_text("".join(f"{row}\n" for row in [*kept, f"{name}\t{expected:.5f}"]))
    print(f"{name} {expected:.5f}", flush=True)
