"""How right verdicts are, and what was learned: evaluation, lesson, teaching."""

from __future__ import annotations

import html
import json
import os
from dataclasses import dataclass
from typing import Any

from histoscope import _core
from histoscope.records import Record


@dataclass(frozen=True, kw_only=True)
class Interval(Record):
    """A number, and where it lies in 95 of 100 draws of patients."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, kw_only=True)
class Remark(Record):
    """What makes numbers doubtful, or why there are none: a stable code and what it is about."""

    code: str
    params: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Bin(Record):
    """A tenth of the range of confidence; `right` is the share of what is right.

    Where it begins is `more["from"]`: Python has the word for itself.
    """

    to: float
    count: int
    confidence: float | None
    right: Interval | None


@dataclass(frozen=True, kw_only=True)
class Kept(Record):
    """What is left above a threshold of confidence, and the share of it that is right."""

    threshold: float
    kept: float
    right: Interval | None


@dataclass(frozen=True, kw_only=True)
class RocPoint(Record):
    """A point of the ROC."""

    threshold: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True, kw_only=True)
class RocBand(Record):
    """Where the ROC lies above a share of false alarms."""

    false_alarms: float
    sensitivity: Interval


@dataclass(frozen=True, kw_only=True)
class Curves(Record):
    """Calibration, what is left above a threshold of confidence, and of two classes the ROC."""

    calibration: list[Bin]
    coverage: list[Kept]
    roc: list[RocPoint]
    roc_band: list[RocBand]


@dataclass(frozen=True, kw_only=True)
class Scores(Record):
    """Of images, or of patients; `confusion[truth][prediction]` counts them."""

    confusion: list[list[int]]
    accuracy: Interval | None
    balanced_accuracy: Interval | None
    sensitivity: Interval | None
    specificity: Interval | None
    auc: Interval | None
    # How far confidence and what is right lie apart on average.
    calibration_error: Interval | None
    curves: Curves


@dataclass(frozen=True, kw_only=True)
class Wrong(Record):
    """An image that was judged wrongly, and how surely."""

    name: str
    patient: str | None
    label: str
    prediction: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Evaluation(Record):
    """How right verdicts are; `refused` says why nothing can be said."""

    classes: list[str]
    images: int
    patients: int
    not_judged: int
    verdicts: dict[str, int]
    by_image: Scores | None
    by_patient: Scores | None
    worst: list[Wrong]
    warnings: list[Remark]
    refused: Remark | None
    # Labelled images that do not count because the lesson knows them, or their patients.
    taught: int = 0

    def __str__(self) -> str:
        if self.refused is not None:
            return f"nothing can be said: {self.refused.code} {self.refused.params}"
        auc = self.by_image.auc if self.by_image else None
        return f"{self.images} images of {self.patients} patients, AUC {auc}"

    def _repr_html_(self) -> str:
        rows = []
        for whose, scores in (("image", self.by_image), ("patient", self.by_patient)):
            if scores is not None:
                values = (scores.auc, scores.balanced_accuracy, scores.accuracy)
                cells = "".join(f"<td>{value if value else ''}</td>" for value in values)
                rows.append(f"<tr><th>by {whose}</th>{cells}</tr>")
        head = "<tr><th></th><th>AUC</th><th>balanced</th><th>right</th></tr>"
        notes = "".join(f"<br>note: {html.escape(note.code)}" for note in self.warnings)
        return (
            f"<div><b>{html.escape(str(self))}</b><table>{head}{''.join(rows)}</table>{notes}</div>"
        )


@dataclass(frozen=True)
class Lesson:
    """A head that somebody taught: the text of its file, to the byte."""

    text: str

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Lesson:
        """From a file, as page, command line and `save` write it."""
        return cls(_core.read_lesson(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file, such as `ours.lesson.json`."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(self.text)

    def to_dict(self) -> dict[str, Any]:
        """All that stands in it: weights, what it was taught on, how it did."""
        read: dict[str, Any] = json.loads(self.text)
        return read

    @property
    def name(self) -> str:
        """As its teacher calls it."""
        return str(self.to_dict()["name"])

    @property
    def classes(self) -> list[str]:
        """Names, in the order of all probabilities."""
        return [str(name) for name in self.to_dict()["classes"]]

    def __repr__(self) -> str:
        return f"Lesson(name={self.name!r}, classes={self.classes!r})"


@dataclass(frozen=True, kw_only=True)
class Difference(Record):
    """By how much the lesson is better than the model was, on the same images."""

    auc: Interval | None
    accuracy: Interval | None
    balanced_accuracy: Interval | None


@dataclass(frozen=True, kw_only=True)
class LeftOut(Record):
    """What was said of an image by a head that was taught neither it nor others of its patient.

    Forced on too few patients, it was taught others of its patient.
    """

    name: str
    patient: str | None
    label: str
    prediction: str
    probabilities: list[float]
    # The prediction, or "uncertain" below the lesson's threshold.
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Teaching(Record):
    """What became of teaching: the lesson, and how it does on patients that were left out."""

    lesson: str | None
    left_out: list[LeftOut]
    before: Evaluation | None
    after: Evaluation | None
    difference: Difference | None
    warnings: list[Remark]
    refused: Remark | None

    def taught(self) -> Lesson:
        """The lesson.

        Raises `ValueError` if nothing was taught; `refused` says why.
        """
        if self.lesson is None:
            raise ValueError(f"nothing was taught: {self.refused}")
        return Lesson(self.lesson)

    def __str__(self) -> str:
        if self.refused is not None:
            return f"nothing is taught: {self.refused.code} {self.refused.params}"
        return f"before: {self.before}\nafter, on patients left out: {self.after}"
