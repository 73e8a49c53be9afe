"""How the class-activation map differs at the edges of a patch, for the model card's limits.

A patch of the grid and one shifted by half its side show the same tissue, once at an edge and once
in the middle. Where a cell's score depends on tissue alone, both agree. run.py measures it; once
more, of the model that is there, from the repository's root:

    python -m models.train.evaluate.edges --data FOLDER --models models
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx

from ..data.pictures import Picture, find_pictures, read_rgb
from ..network import runtime
from ..network.architecture import PATCH
from . import results_file

MODEL = "histoscope-v0.f32.onnx"


def differences(maps: np.ndarray) -> dict[str, float]:
    """Of [5, c, c, 2]: the square of four patches, row by row, and the one in their middle.

    Malignant less benign, mean over cells: the same tissue in the outermost cells of a patch less
    in the middle of another, and as a control in cells away from either's edge.
    """
    cells = maps.shape[1]
    half, quarter = cells // 2, cells // 4
    score = maps[..., 1] - maps[..., 0]
    lower_right, middle = score[3], score[4]
    inner = slice(quarter, half - 1)
    # Short of the last cells of the one in the middle, which lie at its edge.
    edge = lower_right[0, 1 : half - 1] - middle[half, half + 1 : -1]
    side = lower_right[1 : half - 1, 0] - middle[half + 1 : -1, half]
    moved = slice(half + quarter, 2 * half - 1)
    away = lower_right[inner, inner] - middle[moved, moved]
    return {"edge": float(np.mean([edge, side])), "away": float(away.mean())}


def square(pixels: np.ndarray) -> np.ndarray | None:
    """Five patches, [5, PATCH, PATCH, 3], of a picture's middle; None where it is too small."""
    height, width, _ = pixels.shape
    top, left = (height - 2 * PATCH) // 2, (width - 2 * PATCH) // 2
    if top < 0 or left < 0:
        return None
    half = PATCH // 2
    starts = [(0, 0), (0, PATCH), (PATCH, 0), (PATCH, PATCH), (half, half)]
    return np.stack([pixels[top + y :, left + x :][:PATCH, :PATCH] for y, x in starts])


def measure(pictures: Sequence[Picture], model: onnx.ModelProto) -> dict:
    """The `edges` part of metrics.json: `differences`, mean and spread over the images.

    Empty where all of them are too small.
    """
    session, rows = runtime.session(model), []
    for picture in pictures:
        patches = square(read_rgb(picture.path))
        if patches is not None:
            rows.append(differences(session.run(["cam"], {"image": patches})[0]))
    if not rows:
        return {}
    found: dict = {"images": len(rows)}
    for name in ("edge", "away"):
        values = [row[name] for row in rows]
        found[name] = {"mean": float(np.mean(values)), "sd": float(np.std(values))}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with BreakHis images")
    parser.add_argument("--models", type=Path, required=True, help="with the model, metrics.json")
    arguments = parser.parse_args()
    found = measure(find_pictures(arguments.data), onnx.load(arguments.models / MODEL))
    print(json.dumps(results_file.put(arguments.models, "edges", found)))


if __name__ == "__main__":
    main()
