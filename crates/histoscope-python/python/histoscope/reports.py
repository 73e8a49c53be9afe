"""Reports, field by field what the command line prints as JSON.

Lengths and places are in pixels of the upright image, probabilities and confidences from 0 to 1.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from histoscope import errors, pictures
from histoscope.records import Record

if TYPE_CHECKING:
    import os

    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Probabilities(Record):
    """One for each class; they sum to 1."""

    benign: float
    malignant: float


@dataclass(frozen=True, kw_only=True)
class PatchBreakdown(Record):
    """How many of the patches that voted are rather one or the other."""

    benign_patches: int
    malignant_patches: int


@dataclass(frozen=True, kw_only=True)
class ScreenCounts(Record):
    """How many sampled patches were found to be what."""

    assessable: int
    background: int
    blurred: int
    not_he: int
    unchecked: int


@dataclass(frozen=True, kw_only=True)
class Size(Record):
    """Of the upright image."""

    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Grid(Record):
    """Where the patches were chosen from."""

    columns: int
    rows: int
    stride: int
    total_patches: int


@dataclass(frozen=True, kw_only=True)
class Patch(Record):
    """A sampled patch; `probabilities` is `None` if it did not vote."""

    x: int
    y: int
    width: int
    height: int
    screen: str
    probabilities: Probabilities | None


@dataclass(frozen=True, kw_only=True)
class Model(Record):
    """Which model file made a report."""

    name: str
    version: str
    variant: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class EngineUsed(Record):
    """What computed it, and whether another machine gets the same bits (`"exact"`)."""

    name: str
    version: str
    edition: str | None = None
    kernels: str | None = None
    arithmetic: str | None = None
    runtime: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, kw_only=True)
class Options(Record):
    """What the caller had set."""

    max_patches: int | str
    batch_size: int
    screen: bool
    stride: int | None = None
    uncertain_below: float | None = None
    um_per_pixel: float | None = None


@dataclass(frozen=True, kw_only=True)
class Timings(Record):
    """Milliseconds."""

    decode: float
    screen: float
    inference: float
    total: float


@dataclass(frozen=True, kw_only=True)
class Scale(Record):
    """The size of a pixel in micrometres, and who says so."""

    um_per_pixel: float
    source: str
    objective: float | None = None


@dataclass(frozen=True, kw_only=True)
class Familiarity(Record):
    """How far the image is from what was learned; above the limit it is unfamiliar."""

    distance: float
    limit: float
    familiar: bool


@dataclass(frozen=True, kw_only=True)
class LessonUsed(Record):
    """Which lesson judged; its verdict is "uncertain" under a confidence of `uncertain_below`."""

    name: str
    sha256: str
    uncertain_below: float | None = None


@dataclass(frozen=True, kw_only=True)
class Taught(Record):
    """What a lesson says, by its own classes; without a lesson, a model of classes of its own."""

    lesson: LessonUsed | None = None
    classes: list[str]
    prediction: str | None
    prediction_idx: int | None
    confidence: float | None
    probabilities: list[float] | None
    voters: list[list[float]]
    familiarity: Familiarity | None
    verdict: str


@dataclass(frozen=True, kw_only=True)
class TaughtTogether(Record):
    """What a head of other classes than benign and malignant says of several images together."""

    classes: list[str]
    prediction: str | None
    confidence: float | None
    probabilities: list[float] | None
    images: list[int]
    verdict: str


@dataclass(frozen=True, kw_only=True)
class SlideSource(Record):
    """The scan that patches were cut from; places of patches times `downsample` are its own."""

    format: str
    width: int
    height: int
    downsample: float
    candidates: int


@dataclass(frozen=True, kw_only=True)
class TaughtRegion(Record):
    """What a head of other classes says of a region, in the order of `taught.classes`."""

    prediction: str | None
    confidence: float | None
    probabilities: list[float] | None
    familiarity: Familiarity | None
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Region(Record):
    """What the patches in one outline say together."""

    name: str
    patches: list[int]
    voters: int
    probabilities: Probabilities | None
    verdict: str
    familiarity: Familiarity | None = None
    taught: TaughtRegion | None = None


@dataclass(frozen=True, kw_only=True)
class Slide(Record):
    """What a report says of a slide besides what it says of every image."""

    source: SlideSource
    regions: list[Region]


@dataclass(frozen=True, kw_only=True)
class Cause(Record):
    """What a sentence is about, for programs: its kind, with numbers and texts by their names."""

    kind: str
    params: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Report(Record):
    """What one image is.

    `verdict` is "benign", "malignant", "uncertain", "unfamiliar" or "not assessable". A lesson of
    other classes speaks in `taught`, beside what the model itself says; a model whose classes are
    its own speaks there alone: prediction and probabilities are `None`. Text, map and table of
    patches are by the classes that were told apart.
    """

    schema_version: int
    success: bool
    filename: str
    prediction: str | None
    prediction_idx: int | None
    confidence: float | None
    probabilities: Probabilities | None
    num_patches: int
    patch_breakdown: PatchBreakdown
    screen: ScreenCounts
    verdict: str
    image: Size
    grid: Grid
    patches: list[Patch]
    model: Model
    engine: EngineUsed
    options: Options
    timings_ms: Timings
    warnings: list[str]
    # One for each of `warnings`, in their order.
    warning_causes: list[Cause] | None = None
    scale: Scale | None = None
    sha256: str | None = None
    duplicate_of: int | None = None
    familiarity: Familiarity | None = None
    familiarity_unknown: str | None = None
    taught: Taught | None = None
    slide: Slide | None = None

    def to_row(self) -> dict[str, Any]:
        """The report without its patches, flat: a row of a table, the same columns for all.

        Verdict, prediction, confidence, probabilities and distance are by benign and malignant.
        What a lesson of other classes says, or a model whose classes are its own, is
        `lesson_verdict` and `lesson_confidence`; of such a model prediction, confidence and
        probabilities are empty, and the verdict is no class.
        """
        row = _empty_row(self.filename, success=True)
        row.update(
            verdict=self.verdict,
            prediction=self.prediction,
            confidence=self.confidence,
            num_patches=self.num_patches,
            benign_patches=self.patch_breakdown.benign_patches,
            malignant_patches=self.patch_breakdown.malignant_patches,
            background=self.screen.background,
            blurred=self.screen.blurred,
            not_he=self.screen.not_he,
            width=self.image.width,
            height=self.image.height,
            file_sha256=self.sha256,
            model_sha256=self.model.sha256,
            warnings=" ".join(self.warnings),
        )
        if self.probabilities is not None:
            row["probability_benign"] = self.probabilities.benign
            row["probability_malignant"] = self.probabilities.malignant
        if self.familiarity is not None:
            row["distance"] = self.familiarity.distance
            row["distance_limit"] = self.familiarity.limit
        if self.scale is not None:
            row["um_per_pixel"] = self.scale.um_per_pixel
        if self.taught is not None:
            if self.taught.lesson is not None:
                row["lesson"] = self.taught.lesson.name
            row["lesson_verdict"] = self.taught.verdict
            row["lesson_confidence"] = self.taught.confidence
        return row

    def to_pandas(self) -> pd.DataFrame:
        """One row a patch: its place, what the screen found, its probabilities."""
        rows = []
        names = self.classes
        for patch, shares in zip(self.patches, self._shares(), strict=True):
            row = patch.to_dict()
            del row["probabilities"]
            said: Sequence[float | None] = shares or [None] * len(names)
            rows.append(row | {f"probability_{n}": p for n, p in zip(names, said, strict=True)})
        return _frame(rows)

    @property
    def classes(self) -> list[str]:
        """The classes that were told apart: benign and malignant, or those of `taught`."""
        head = self._head()
        return list(pictures.OWN_CLASSES) if head is None else head.classes

    def _head(self) -> Taught | None:
        """What a head of other classes says, a lesson's or the model's own, if one judged."""
        taught = self.taught
        own = taught is not None and tuple(taught.classes) == pictures.OWN_CLASSES
        return None if own else taught

    def _shares(self) -> list[list[float] | None]:
        """Of each patch the probabilities by `classes`; `None` if it did not vote."""
        head = self._head()
        if head is None:
            both = [patch.probabilities for patch in self.patches]
            return [None if p is None else [p.benign, p.malignant] for p in both]
        # All patches that may vote do, or none does.
        voters = iter(head.voters)
        may_vote = [patch.screen in ("assessable", "unchecked") for patch in self.patches]
        return [next(voters, None) if votes else None for votes in may_vote]

    def overlay(
        self, image: pictures.Image | os.PathLike[str], opacity: float = 0.45
    ) -> pictures.Picture:
        """The image with its map: blue is benign, orange malignant, hatched did not vote.

        Other classes, a lesson's or the model's own, have the colours of the page.

        `image` is the one that was judged: a path, a file's bytes or `uint8 [height, width, 3]`.
        """
        pixels = pictures.decode(image)
        if pixels.shape[:2] != (self.image.height, self.image.width):
            found = f"{pixels.shape[1]}x{pixels.shape[0]}"
            raise errors.wrong_option(
                "image",
                f"{found} pixels, and the report is on {self.image.width}x{self.image.height}",
            )
        return pictures.overlay(pixels, self._areas(), opacity)

    def _areas(self) -> list[pictures.Area]:
        """Of patches that overlap only the middle, so that no place is painted twice."""
        areas = []
        for patch, shares in zip(self.patches, self._shares(), strict=True):
            side = min(patch.width, self.grid.stride)
            edge = (patch.width - side) // 2
            paint = None if shares is None else pictures.paint(self.classes, shares)
            areas.append(pictures.Area(patch.x + edge, patch.y + edge, side, paint))
        return areas

    def __str__(self) -> str:
        said = self._head() or self
        sure = "" if said.confidence is None else f" ({said.prediction}, {said.confidence:.1%})"
        return f"{self.filename}: {said.verdict}{sure}"

    def _repr_html_(self) -> str:
        plan = pictures.plan_svg(self.image.width, self.image.height, self._areas())
        lines = [f"<b>{html.escape(str(self))}</b>", *map(html.escape, self.warnings), _NOTICE]
        return f"<div>{'<br>'.join(lines)}</div>{plan}"


@dataclass(frozen=True, kw_only=True)
class Problem(Record):
    """What stood in the way: a stable code, a sentence, what to do, whose fault it is."""

    code: str
    message: str
    remedy: str
    fault: str


@dataclass(frozen=True, kw_only=True)
class Failure(Record):
    """An image that could not be classified."""

    schema_version: int
    success: bool
    filename: str
    error: Problem

    @classmethod
    def of(cls, filename: str, error: errors.HistoscopeError) -> Failure:
        """The failure of the image of this name."""
        problem = Problem(
            code=error.code, message=error.message, remedy=error.remedy, fault=error.fault
        )
        return cls(schema_version=SCHEMA_VERSION, success=False, filename=filename, error=problem)

    def raised(self) -> errors.HistoscopeError:
        """The same as an exception."""
        return errors.of_core(
            self.error.code, self.error.message, self.error.remedy, self.error.fault
        )

    def to_row(self) -> dict[str, Any]:
        """As `Report.to_row`."""
        row = _empty_row(self.filename, success=False)
        return row | {"error_code": self.error.code, "error_message": self.error.message}

    def __str__(self) -> str:
        return f"{self.filename}: failed, {self.error.message}"

    def _repr_html_(self) -> str:
        return f"<div><b>{html.escape(str(self))}</b><br>{html.escape(self.error.remedy)}</div>"


Outcome: TypeAlias = Report | Failure


@dataclass(frozen=True, kw_only=True)
class ImageBreakdown(Record):
    """How many of the images that voted are rather one or the other."""

    benign_images: int
    malignant_images: int


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Record):
    """Mean over the images that voted."""

    prediction: str
    prediction_idx: int
    confidence: float
    probabilities: Probabilities
    verdict: str


@dataclass(frozen=True, kw_only=True)
class PatientReport(Record):
    """What the images of one patient come to, in the report on a folder.

    `images` are places in its `individual_results`.
    """

    patient: str
    images: list[int]
    success: bool
    num_images: int
    num_failed: int
    num_not_assessable: int
    num_duplicates: int
    partial: bool
    verdict: str | None
    aggregated_diagnosis: Diagnosis | None
    image_breakdown: ImageBreakdown | None
    num_unfamiliar: int | None = None
    taught: TaughtTogether | None = None

    def __str__(self) -> str:
        return f"patient {self.patient}, {self.num_images} images: {_together(self)}"


def _together(report: PatientReport | FolderReport) -> str | None:
    """The verdict, by other classes if a head of such judged."""
    return report.verdict if report.taught is None else report.taught.verdict


@dataclass(frozen=True, kw_only=True)
class FolderReport(Record):
    """What images come to together.

    Where names of files, or who knows better, tell several patients, there is neither verdict nor
    diagnosis, `no_verdict` says why, and each of `patients` has its own. Where they tell none,
    `patients` is `None`.
    """

    schema_version: int
    success: bool
    num_images: int
    num_failed: int
    num_not_assessable: int
    num_duplicates: int
    partial: bool
    verdict: str | None
    aggregated_diagnosis: Diagnosis | None
    image_breakdown: ImageBreakdown | None
    individual_results: list[Outcome]
    model: Model
    engine: EngineUsed
    num_unfamiliar: int | None = None
    taught: TaughtTogether | None = None
    no_verdict: str | None = None
    patients: list[PatientReport] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FolderReport:
        """As `Record.from_dict`; each result is a report or a failure."""
        results = [outcome(result) for result in data["individual_results"]]
        read = super().from_dict({**data, "individual_results": []})
        read.individual_results.extend(results)
        return read

    def to_pandas(self) -> pd.DataFrame:
        """One row an image, the columns of `Report.to_row`."""
        return _frame([result.to_row() for result in self.individual_results])

    def __str__(self) -> str:
        said = _together(self) if self.no_verdict is None else self.no_verdict
        return f"{self.num_images} images: {said}"

    def _repr_html_(self) -> str:
        patients = self.patients if self.no_verdict is not None else None
        parts = [*(patients or []), *self.individual_results]
        lines = "".join(f"<li>{html.escape(str(each))}</li>" for each in parts)
        return f"<div><b>{html.escape(str(self))}</b><ul>{lines}</ul>{_NOTICE}</div>"


# The version of the layout that this package writes: that of the core, which a test compares.
SCHEMA_VERSION = 2
_NOTICE = "<small>Research use only; not a medical device.</small>"


def outcome(data: Mapping[str, Any]) -> Outcome:
    """The report, or the failure, that this JSON object is."""
    return Report.from_dict(data) if data["success"] else Failure.from_dict(data)


# In the order of the table.
COLUMNS: tuple[str, ...] = (
    "filename",
    "success",
    "verdict",
    "prediction",
    "confidence",
    "probability_benign",
    "probability_malignant",
    "num_patches",
    "benign_patches",
    "malignant_patches",
    "background",
    "blurred",
    "not_he",
    "distance",
    "distance_limit",
    "width",
    "height",
    "um_per_pixel",
    "lesson",
    "lesson_verdict",
    "lesson_confidence",
    "file_sha256",
    "model_sha256",
    "warnings",
    "error_code",
    "error_message",
)


def _empty_row(filename: str, success: bool) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {"filename": filename, "success": success}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("pandas is needed for this: pip install pandas") from error
    return pd.DataFrame(rows)
