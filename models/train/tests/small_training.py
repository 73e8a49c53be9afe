"""A whole training in small, as a process of its own, which a test may kill: FOLDER.

Its pictures are drawn: ten patients, five of each label.
"""

import sys
from pathlib import Path

import torch
from models.train import steps as long_steps
from models.train.data.augment import MILD_LAMPS, STRONG_LAMPS
from models.train.data.synthetic import tissue_patch
from models.train.fit.crops import Part, Plan
from models.train.fit.recipe import Mixture, Recipe
from models.train.fit.student import Training
from models.train.network.architecture import Cut
from models.train.run import work_through
from PIL import Image

RECIPE = Recipe(
    Cut.parse("b5"),
    strength=1e-3,
    training=Training(steps=4, crops=4),
    plan=Plan(
        (Cut.parse("b7"), Cut.parse("b10")),
        (Part(10, "strong", STRONG_LAMPS, 1), Part(6, "mild", MILD_LAMPS, 2)),
    ),
    levels=(Cut.parse("b7"),),
    mixture=Mixture(blocks=0.5, head=0.25),
)


def draw(folder: Path) -> None:
    """Ten pictures of one patch, each of a patient of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(10):
        name = f"SOB_{'B_A' if number < 5 else 'M_DC'}-14-{number}-100-001.png"
        Image.fromarray(tissue_patch(number, 10 + 3 * number, 0.2)).save(folder / name)


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    long_steps.CHUNK = 4
    steps = long_steps.Steps(folder / "pictures", folder / "work", RECIPE, seeds=1)
    work_through(steps, 1, lambda text: print(text, flush=True))


if __name__ == "__main__":
    main()
