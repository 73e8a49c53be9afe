"""How the scores change when whole test images are changed in stated ways (perturbations.py).

Each image is predicted by the model of the fold that did not see its patient. A sample of images,
at most three a patient, spread evenly over the patient's files, keeps the cost bearable and the two
largest patients small.
"""

from collections.abc import Sequence

import numpy as np

from ..data.pictures import Picture, sample_evenly
from . import metrics
from .bootstrap import PatientBootstrap, interval
from .perturbations import PERTURBATIONS, PLAIN

IMAGES_A_PATIENT = 3
SCORES = ("auc", "balanced_accuracy", "patient_score")


def sample(pictures: Sequence[Picture], most: int = IMAGES_A_PATIENT) -> np.ndarray:
    """Indices of at most `most` pictures of each patient, spread evenly."""
    of_patient: dict[str, list[int]] = {}
    for index, picture in enumerate(pictures):
        of_patient.setdefault(picture.patient, []).append(index)
    chosen = [
        indices[place]
        for indices in of_patient.values()
        for place in sample_evenly(len(indices), most)
    ]
    return np.array(sorted(chosen))


def image_probability(logits: np.ndarray, temperature: float) -> float:
    return float(metrics.softmax(logits / temperature)[:, 1].mean())


def table(
    pictures: Sequence[Picture], found: dict[str, list[np.ndarray]], temperature: float
) -> dict:
    """The robustness part of metrics.json.

    `found`: of perturbations.measure, in the order of `pictures`.
    """
    labels = np.array([picture.label for picture in pictures])
    patients = np.array([picture.patient for picture in pictures])
    draws = PatientBootstrap(labels, patients)
    p = {
        name: np.array([image_probability(logits, temperature) for logits in images])
        for name, images in found.items()
    }
    plain, plain_drawn = metrics.scores(labels, p[PLAIN], patients), draws.scores(p[PLAIN])
    rows = []
    for change in PERTURBATIONS:
        mine = p[change.name]
        scores, drawn = metrics.scores(labels, mine, patients), draws.scores(mine)
        row = {"kind": change.kind, "setting": change.setting}
        for name in SCORES:
            row[name] = scores[name]
            row[f"{name}_change"] = scores[name] - plain[name]
            row[f"{name}_change_interval"] = interval(drawn[name] - plain_drawn[name])
        flips = (mine >= 0.5) != (p[PLAIN] >= 0.5)
        row["flipped"] = int(flips.sum())
        row["label_flips"] = float(flips.mean())
        row["label_flips_interval"] = interval(draws.mean(flips.astype(float)))
        row["mean_probability_change"] = float(np.abs(mine - p[PLAIN]).mean())
        rows.append(row)
    return {
        "images": len(pictures),
        "patients": len(set(patients)),
        "images_a_patient": IMAGES_A_PATIENT,
        "rows": rows,
    }


def join(folds: Sequence[dict[str, list[np.ndarray]]]) -> dict[str, list[np.ndarray]]:
    """The results of several folds as one."""
    return {name: [logits for fold in folds for logits in fold[name]] for name in folds[0]}
