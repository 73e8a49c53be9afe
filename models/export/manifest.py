"""The manifest beside the files, which the page and the command line read (docs/own-model.md)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import ExportError
from .simplify import Normalisation

CLASSES = ("benign", "malignant")
MOST_LABELS = 100


@dataclass(frozen=True)
class Labels:
    """Names in the order of the scores; of each, whether it counts as malignant."""

    names: tuple[str, ...]
    malignant: tuple[bool, ...]

    @classmethod
    def parse(cls, names: Sequence[str], malignant: Sequence[str]) -> "Labels":
        """`malignant`: names that count so; without any, "malignant" alone does."""
        if not 2 <= len(set(names)) == len(names) <= MOST_LABELS:
            raise ExportError(
                "labels_wrong",
                f"The labels are {', '.join(names)}.",
                f"Give 2 to {MOST_LABELS} different names, in the order of the network's scores.",
            )
        counted = set(malignant or ["malignant"])
        flags = tuple(name in counted for name in names)
        if counted - set(names) or not any(flags) or all(flags):
            raise ExportError(
                "labels_ungrouped",
                "Which labels count as malignant is not clear.",
                "Say --malignant NAME[,NAME]; all others count as benign.",
            )
        return cls(tuple(names), flags)

    def of_malignant(self, values: np.ndarray) -> np.ndarray:
        """The probability "malignant" of [n, labels]."""
        return values[:, list(self.malignant)].sum(1)

    def groups(self) -> dict[str, list[str]] | None:
        """As the manifest has them; none where the names are the classes."""
        if set(self.names) == set(CLASSES):
            return None
        pairs = list(zip(self.names, self.malignant, strict=True))
        return {
            "benign": [name for name, flag in pairs if not flag],
            "malignant": [name for name, flag in pairs if flag],
        }


def entry(path: Path) -> dict:
    """What a variant's file is."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return {"file": path.name, "bytes": len(content), "sha256": digest}


def manifest(
    name: str,
    version: str,
    labels: Labels,
    side: int,
    normalisation: Normalisation | None,
    are_logits: bool,
    um_per_pixel: Sequence[float] | None,
    variants: dict[str, Path],
) -> dict:
    """`normalisation`: None where the files read raw pixels."""
    described: dict = {
        "dtype": "uint8",
        "layout": "NHWC",
        "channels": "RGB",
        "patch_size": side,
    }
    if normalisation is not None:
        described |= {
            "dtype": "float32",
            "layout": "NCHW",
            "normalisation": {
                "divisor": 255,
                "mean": list(normalisation.mean),
                "std": list(normalisation.std),
            },
        }
    groups = labels.groups()
    return {
        "schema_version": 1,
        "name": name,
        "version": version,
        "labels": list(labels.names),
        **({} if groups is None else {"groups": groups}),
        "input": described,
        "outputs": {"scores": "logits" if are_logits else "probabilities"},
        "calibration": {"temperature": 1, "uncertain_below": None},
        "variants": {variant: entry(path) for variant, path in variants.items()},
        **({} if um_per_pixel is None else {"training": {"um_per_pixel": list(um_per_pixel)}}),
    }
