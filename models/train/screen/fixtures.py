"""Writes tests/fixtures/screen: small generated patches and what the screen has to make of them.

    python -m models.train.screen.fixtures

Rust and Python are held to the same file, so it may only change with the screen itself.
"""

import dataclasses
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ..data.synthetic import tissue_patch
from .counterexamples import HARMLESS, SCENES, SPOILT
from .tables import scenes, seeded
from .twin import measure

FIXTURES = Path(__file__).resolve().parents[3] / "tests" / "fixtures"
SIDE = 64  # of most: noise does not compress, and a patch of 224 would take 100 kB
ODD_SIDES = (32, 61, 100)


def tissue(side: int) -> np.ndarray:
    """A corner of a rendered patch; no patient's."""
    return tissue_patch(7, 90, 0.0)[:side, :side]


def patches() -> dict[str, np.ndarray]:
    found = {f"tissue {side}": tissue(side) for side in (SIDE, *ODD_SIDES)}
    found |= {kind: next(iter(scenes(kind, 1, SIDE))) for kind in SCENES}
    changes = {kind: change for kind, (change, _) in SPOILT.items()} | HARMLESS
    # The blur comes with a camera's noise; that of one seed stands for all.
    found |= {kind: change(tissue(SIDE), seeded(kind, 0)) for kind, change in changes.items()}
    return found


def entry(file: Path) -> dict:
    """The file, what it is found to be, and the measures that say so."""
    with Image.open(file) as image:
        measures = measure(np.asarray(image.convert("RGB")))
    name = file.relative_to(FIXTURES).as_posix()
    return {"file": name, "screen": measures.judge(), "measures": dataclasses.asdict(measures)}


def main() -> None:
    folder = FIXTURES / "screen"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*"):
        old.unlink()
    for name, pixels in patches().items():
        file = folder / f"{name.lower().replace(' ', '_').replace('.', '_')}.png"
        Image.fromarray(pixels).save(file, optimize=True)
    files = [*sorted(folder.glob("*.png")), *sorted(FIXTURES.glob("reference/patch_*.png"))]
    lines = ",\n".join("  " + json.dumps(entry(file)) for file in files)
    (folder / "expected.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
