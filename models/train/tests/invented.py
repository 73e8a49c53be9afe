"""Invented predictions, of the shape of the real ones: few patients, two with many images."""

import numpy as np
from models.train.data.split import FOLDS
from models.train.evaluate.cases import Cases, OutOfFold

PATCHES = 3  # of every image


def invent(
    images: list[int], benign: int, seed: int = 0, sharpness: float = 1.0, skill: float = 1.0
) -> tuple[Cases, list[OutOfFold]]:
    """`images`: of each patient; the first `benign` patients are benign.

    The logits say the label plus a patient's and a patch's error; `sharpness` multiplies them.
    """
    random = np.random.default_rng(seed)
    patients = np.repeat([str(100 + i) for i in range(len(images))], images)
    of_patient = np.array([int(i >= benign) for i in range(len(images))])
    labels = np.repeat(of_patient, images)
    magnifications = np.resize([40, 100, 200, 400], len(labels))
    subtypes = np.where(labels == 1, "DC", "F")
    owner = np.repeat(range(len(labels)), PATCHES)
    cases = Cases(labels, patients, magnifications, subtypes, owner)
    runs = []
    for run in range(2):
        error = np.repeat(random.normal(0, 1, len(images)), images)
        score = (skill * (2 * labels - 1) + error)[cases.owner]
        score = sharpness * (score + random.normal(0, 0.5, len(score)))
        logits = np.stack([-score, score], axis=1) / 2
        order = [random.permutation(np.flatnonzero(of_patient == label)) for label in (0, 1)]
        folds = {
            str(100 + patient): place % FOLDS
            for group in order
            for place, patient in enumerate(group)
        }
        noise = random.normal(0, 0.01, logits.shape)
        runs.append(OutOfFold(run, folds, {"f32": logits, "int8": logits + noise}))
    return cases, runs


MANY = [30, 30, *range(1, 8), *range(1, 16), *range(1, 8)]  # 31 patients


def usual(**named) -> tuple[Cases, list[OutOfFold]]:
    return invent(MANY, benign=10, **named)
