"""Exports the whole EfficientNet-Lite0, int8 and f32, for comparing engines; it classifies nothing.

    python -m models.train.release.benchmark --out DIR

The head is random and the ranges come from generated patches, so the files need no picture. They
have the same graph form as the shipped model, with 384 M MAC and 3.4 M weights.
"""

import argparse
from pathlib import Path

import numpy as np

from ..data.synthetic import reference_patches
from ..network.architecture import WHOLE
from ..network.export import export_f32
from ..network.lite0 import Lite0
from ..quantise.calibrate import int8_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    weight = np.random.default_rng(0).normal(0, 0.05, (2, WHOLE.features)).astype(np.float32)
    network = Lite0(WHOLE).folded(weight, np.zeros(2, np.float32))
    models = {
        "int8": int8_model(network, [np.stack(reference_patches())]),
        "f32": export_f32(network),
    }
    for variant, model in models.items():
        path = out / f"lite0-whole.{variant}.onnx"
        path.write_bytes(model.SerializeToString(deterministic=True))
        print(f"{path}: {path.stat().st_size} bytes, {network.macs()} MAC")


if __name__ == "__main__":
    main()
