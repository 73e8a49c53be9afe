"""Invented pictures, folds and features for the experiments."""

from pathlib import Path

import numpy as np
from models.train.data.pictures import Picture
from models.train.data.split import make_folds
from models.train.experiments.features import LEVELS, Features, Seen
from models.train.experiments.study import Study

PATCHES = 2  # of every picture


def invented_pictures() -> list[Picture]:
    """24 patients, a third of them benign, with one to six pictures each."""
    return [
        Picture(Path(f"{patient}-{i}"), int(patient >= 8), "DC", str(100 + patient), 100, i)
        for patient in range(24)
        for i in range(1 + patient % 6)
    ]


def invented_seen(pictures: list[Picture], skill: float, width: int = 6, seed: int = 0) -> Seen:
    """Features that say the label by `skill`, plus an error of each patient and each patch."""
    random = np.random.default_rng(seed)
    owner = np.repeat(np.arange(len(pictures)), PATCHES)
    error = {p.patient: random.normal(0, 1, width) for p in pictures}
    statistics = {}
    for level in LEVELS:
        rows = [skill * (2 * pictures[i].label - 1) + error[pictures[i].patient] for i in owner]
        values = np.array(rows) + random.normal(0, 0.3, (len(owner), width))
        statistics[level] = np.stack([values, np.abs(values)], axis=1).astype(np.float32)
    return Seen(owner, statistics)


def invented_study(folder: Path) -> Study:
    """`folder`: where its features would be kept."""
    pictures = invented_pictures()
    folds = {seed: make_folds(pictures, seed) for seed in (0, 1)}
    return Study(pictures, folds, [], Features(folder))
