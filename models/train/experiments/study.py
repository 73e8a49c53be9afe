"""What all experiments share: pictures, folds, features, and how their figures are shown."""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.oral import OralField, find_fields
from ..data.pictures import Picture, find_pictures
from ..data.split import FILE as FOLDS_FILE
from ..data.split import Folds, load_folds
from ..evaluate import metrics, robustness
from ..evaluate.bootstrap import PatientBootstrap, interval
from ..evaluate.cases import Cases
from .arguments import add_arguments
from .features import SAMPLED, Features, Seen

SCORES = {
    "auc": "AUC",
    "patient_auc": "patient AUC",
    "patient_score": "patient score",
    "balanced_accuracy": "balanced accuracy",
    "ece": "ECE",
}


@dataclass(frozen=True)
class Study:
    """Pictures with their folds; features come from the store, or are computed."""

    pictures: list[Picture]
    folds: dict[int, Folds]
    fields: list[OralField]
    features: Features

    @classmethod
    def load(cls, data: Path, oral: Path, work: Path) -> "Study":
        pictures = find_pictures(data)
        folds = load_folds(pictures, FOLDS_FILE)
        return cls(pictures, folds, find_fields(oral), Features(work))

    def seen(self, view: str) -> Seen:
        """A view of all pictures."""
        return self.features.seen([picture.path for picture in self.pictures], view)

    def sample(self) -> np.ndarray:
        """Indices of the pictures whose changed copies are looked at: at most SAMPLED a patient."""
        return robustness.sample(self.pictures, SAMPLED)

    def seen_sample(self, view: str) -> Seen:
        """A view of the sample; the owner is the place in the sample."""
        return self.features.seen([self.pictures[i].path for i in self.sample()], view)

    def seen_oral(self, view: str) -> Seen:
        return self.features.seen([field.path for field in self.fields], view)

    @property
    def labels(self) -> np.ndarray:
        return np.array([picture.label for picture in self.pictures])

    @property
    def patients(self) -> np.ndarray:
        return np.array([picture.patient for picture in self.pictures])

    def fold_of(self, seed: int) -> np.ndarray:
        """The fold of each picture."""
        return np.array([self.folds[seed][picture.patient] for picture in self.pictures])

    def cases(self, owner: np.ndarray) -> Cases:
        return Cases.of(self.pictures, owner)


@dataclass(frozen=True)
class Judged:
    """P(malignant) of images by one method: [seeds, images], each out of fold."""

    p: np.ndarray
    labels: np.ndarray
    patients: np.ndarray

    def scores(self) -> dict[str, float]:
        """Means over the seeds."""
        found = [metrics.scores(self.labels, p, self.patients) for p in self.p]
        return {name: float(np.mean([scores[name] for scores in found])) for name in SCORES}

    def drawn(self) -> dict[str, np.ndarray]:
        """The same for 1,000 draws of the patients, equal for all methods."""
        draws = PatientBootstrap(self.labels, self.patients)
        found = [draws.scores(p) for p in self.p]
        return {name: np.mean([scores[name] for scores in found], axis=0) for name in SCORES}

    def row(self, name: str) -> list[str]:
        scores, drawn = self.scores(), self.drawn()
        return [name, *(f"{scores[s]:.3f} ({_span(drawn[s])})" for s in SCORES)]

    def difference(self, other: "Judged", name: str) -> list[str]:
        """How much better this is than `other` on the same images, with intervals."""
        mine, theirs = self.scores(), other.scores()
        drawn, drawn_there = self.drawn(), other.drawn()
        return [
            name,
            *(
                f"{mine[s] - theirs[s]:+.3f} ({_span(drawn[s] - drawn_there[s], '+.3f')})"
                for s in SCORES
            ),
        ]


def _span(drawn: np.ndarray, form: str = ".3f") -> str:
    low, high = interval(drawn)
    return f"{low:{form}} to {high:{form}}"


def shipped_model(models: Path) -> bytes:
    """The int8 network that ships, as ONNX; `models`: the folder of the manifest."""
    return _int8(models, "histoscope-v0.json")


def teaching_model(models: Path) -> bytes:
    """The int8 network for lessons, likewise."""
    return _int8(models, "histoscope-teaching.json")


def _int8(models: Path, manifest: str) -> bytes:
    manifest = json.loads((models / manifest).read_text())
    return (models / manifest["variants"]["int8"]["file"]).read_bytes()


def sampled(data: Path) -> list[Picture]:
    """Pictures of BreakHis whose changed copies are looked at: at most SAMPLED a patient."""
    pictures = find_pictures(data)
    return [pictures[index] for index in robustness.sample(pictures, SAMPLED)]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def run(name: str, experiment: Callable[[Study], Iterable[str]]) -> None:
    """The command line of an experiment: prints its tables, each as soon as it is done."""
    parser = argparse.ArgumentParser(description=name)
    add_arguments(parser)
    arguments = parser.parse_args()
    for part in experiment(Study.load(arguments.data, arguments.oral, arguments.work)):
        print(f"{part}\n", flush=True)
