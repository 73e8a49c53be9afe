"""How far the int8 file is from the float network, on patches and on whole images."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

from ..train.network.runtime import session
from .errors import ExportError
from .patches import Pictured

BATCH = 16
# Between our engine and ONNX Runtime, of an image: sums round to either side of a step. A network
# in which they weigh more than this is one that int8 does not suit.
ENGINES_AGREE = 0.02


@dataclass(frozen=True)
class Agreement:
    """Of probabilities: greatest and mean difference, and how often the label is the same."""

    count: int
    greatest: float
    mean: float
    same_label: float

    @classmethod
    def of(cls, wanted: np.ndarray, found: np.ndarray) -> "Agreement":
        """f64 [n, classes] each."""
        gaps = np.abs(wanted - found).max(1)
        same = wanted.argmax(1) == found.argmax(1)
        return cls(len(gaps), float(gaps.max()), float(gaps.mean()), float(same.mean()))


def probabilities(
    model: onnx.ModelProto, fed: np.ndarray, are_logits: bool, threads: int
) -> np.ndarray:
    """f64 [n, classes] of the first output; the nodes are run as they are written."""
    runner = session(model, exact=True, threads=threads)
    entry, first = runner.get_inputs()[0].name, runner.get_outputs()[0].name
    parts = [runner.run([first], {entry: fed[i : i + BATCH]})[0] for i in range(0, len(fed), BATCH)]
    scores = np.concatenate(parts).astype(np.float64)
    if scores.shape[1] == 1:
        one = 1 / (1 + np.exp(-scores)) if are_logits else scores
        return np.hstack([1 - one, one])
    if not are_logits:
        return scores
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def by_image(pictures: Sequence[Pictured], values: np.ndarray) -> np.ndarray:
    """Means over the patches of each image."""
    ends = np.cumsum([len(picture.patches) for picture in pictures])[:-1]
    return np.stack([part.mean(0) for part in np.split(values, ends)])


def on_the_command_line(
    cli: Path, model: Path, pictures: Sequence[Pictured], malignant: np.ndarray
) -> dict[str, float]:
    """Greatest difference of an image's probability "malignant", and milliseconds a patch.

    `malignant`: of each image, as ONNX Runtime has it. The program `cli` gets the patches side by
    side as PNG, since decoders of other formats may differ by a level.
    """
    gaps, spent, patches = [], 0.0, 0
    for picture, wanted in zip(pictures, malignant, strict=True):
        with tempfile.TemporaryDirectory() as folder:
            row = Path(folder, "patches.png")
            Image.fromarray(np.concatenate(picture.patches, axis=1)).save(row)
            command = [cli, "predict", row, "--model", model, "--json", "--no-screen"]
            words = [str(word) for word in command]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        try:
            report = json.loads(done.stdout)
            found = report["probabilities"]["malignant"]
        except (ValueError, KeyError, TypeError) as error:
            raise ExportError(
                "cli_failed",
                f"{cli} did not judge {picture.path.name}: {done.stderr.strip()[-300:]}",
                "The files are written; try `histoscope predict --model` by hand.",
            ) from error
        gaps.append(abs(found - wanted))
        spent += report["timings_ms"]["inference"]
        patches += report["num_patches"]
    return {"greatest": float(max(gaps)), "ms_per_patch": spent / patches}


def compared(pictures: Sequence[Pictured], wanted: np.ndarray, found: np.ndarray) -> dict:
    """The agreement of patches and of images, as plain numbers."""
    return {
        "patches": asdict(Agreement.of(wanted, found)),
        "images": asdict(Agreement.of(by_image(pictures, wanted), by_image(pictures, found))),
    }
