"""The file of the statistics beside the model, and its place in the manifest."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..network.architecture import SHIPPED_LEVELS
from .density import Density
from .levels import STATISTICS, Level

SCHEMA_VERSION = 1
DIGITS = 7  # significant ones of every number


def features(levels: Sequence[str]) -> dict:
    """What the manifest says of the features that engines have to take."""
    levels = [Level.of(name) for name in levels]
    return {
        "levels": [
            {"name": level.name, "tensor": level.tensor, "channels": level.channels}
            for level in levels
        ],
        "statistics": list(STATISTICS),
    }


def document(
    model: bytes,
    levels: Sequence[str],
    statistics: Sequence[str],
    density: Density,
    limits: Sequence[dict],
    made: dict,
) -> dict:
    """The content. `model`: the int8 file; `made`: how, for people."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model_sha256": hashlib.sha256(model).hexdigest(),
        "levels": list(levels),
        "statistics": list(statistics),
        "limits": list(limits),
        "mean": _numbers(density.mean),
        "whitening": [_numbers(row) for row in density.whitening],
        "made": made,
    }


def _numbers(values: np.ndarray) -> list[float]:
    """Rounded; zeros, half of a triangular matrix, as the shortest."""
    return [float(f"{value:.{DIGITS}g}") if value else 0 for value in values]


def text(content: dict) -> str:
    """As it is written: one line for each key."""
    lines = [
        f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
        for key, value in content.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write(
    models: Path,
    manifest: str,
    name: str,
    content: dict,
    levels: Sequence[str] = SHIPPED_LEVELS,
) -> None:
    """Writes the file `name` into the folder `models` and names it in its manifest.

    `levels`: those that the model's features are taken from.
    """
    written = text(content).encode()
    (models / name).write_bytes(written)
    found = json.loads((models / manifest).read_text())
    added = {
        "features": features(levels),
        "familiarity": {
            "file": name,
            "bytes": len(written),
            "sha256": hashlib.sha256(written).hexdigest(),
        },
    }
    kept = {key: value for key, value in found.items() if key not in added}
    place = list(kept).index("variants") + 1
    pairs = list(kept.items())
    ordered = dict([*pairs[:place], *added.items(), *pairs[place:]])
    (models / manifest).write_text(json.dumps(ordered, indent=2) + "\n")


def read_density(content: dict) -> Density:
    """The inverse of `document`, as far as distances need it."""
    return Density(np.array(content["mean"]), np.array(content["whitening"], float))
