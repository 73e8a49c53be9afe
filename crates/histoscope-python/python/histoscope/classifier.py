"""The classifier: images in, reports out."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from histoscope import _core, errors, pictures
from histoscope.options import as_json
from histoscope.pictures import Image
from histoscope.reports import Failure, FolderReport, Model, Outcome, Report, outcome
from histoscope.scores import Evaluation, Lesson, Teaching

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from histoscope.options import PredictOptions

Path: TypeAlias = "str | os.PathLike[str]"
# A table (CSV with `file`, `label`, perhaps `patient`), labels by image, or one for each in order.
Labels: TypeAlias = "Path | Mapping[Any, str | None] | Sequence[str | None] | None"


@dataclass(frozen=True)
class Features:
    """What the network's inner layers say: `float32 [patches that voted, features]`."""

    values: npt.NDArray[np.float32]
    # Name and channels of each level; all means come first, then all means of squares.
    levels: list[tuple[str, int]]
    statistics: list[str]

    def of_image(self) -> npt.NDArray[np.float64]:
        """The mean over the patches, `[features]`; zeros if none voted."""
        if not len(self.values):
            return np.zeros(self.values.shape[1])
        mean: npt.NDArray[np.float64] = self.values.astype(np.float64).mean(axis=0)
        return mean


class Classifier:
    """A model that is ready to judge. Many threads may use one; it can be sent to other processes.

    `model` is an ONNX file with its manifest beside it (if it is left out, the one that the lesson
    was taught to, where that lies in the folder that HISTOSCOPE_MODELS names, else the built-in
    one), `lesson` a lesson's file or a `Lesson` that judges, `threads` how many threads compute
    (all that the process may use), `precision` "int8" or "f32".
    """

    def __init__(
        self,
        model: Path | None = None,
        lesson: Path | Lesson | None = None,
        threads: int | None = None,
        *,
        precision: str = "int8",
    ) -> None:
        if precision not in ("int8", "f32"):
            raise errors.wrong_option("precision", f'"{precision}" is neither "int8" nor "f32"')
        if threads is not None and threads < 1:
            raise errors.wrong_option("threads", f"{threads} is less than 1")
        if lesson is not None and not isinstance(lesson, Lesson):
            lesson = Lesson.read(lesson)
        # What another process makes the same classifier of.
        self._made_of = (model, lesson, threads, precision)
        self.threads = threads or cores()
        self.lesson = lesson
        text = None if lesson is None else lesson.text
        self._engine = _core.Engine(model, precision == "f32", text)
        if lesson is not None:
            self._engine = self._engine.taught(lesson.text)

    def __reduce__(self) -> tuple[Any, ...]:
        model, lesson, threads, precision = self._made_of
        return partial(Classifier, model, lesson, threads, precision=precision), ()

    @property
    def model(self) -> Model:
        """Which model judges."""
        return Model.from_dict(json.loads(self._engine.model()))

    def predict(
        self, image: Image, *, name: str | None = None, **options: Unpack[PredictOptions]
    ) -> Report:
        """Judges one image: a path, an image file's bytes, or `uint8 [height, width, 3]` (RGB).

        Options are those of `PredictOptions`. `name` stands in the report; of a path it is the
        file's. Raises a `HistoscopeError`.
        """
        judged = self._judge(image, name, as_json(options), self.threads)
        return Report.from_dict(json.loads(judged.report()))

    def predict_many(
        self, images: Iterable[Image], *, progress: bool = False, **options: Unpack[PredictOptions]
    ) -> Iterator[Outcome]:
        """Judges many images in parallel, and hands the outcomes out in their order.

        An image that fails gives a `Failure`, and the others go on. Images are taken from the
        iterable only a few ahead. `progress` shows a bar, where tqdm is installed. Options are
        those of `predict`.
        """
        settings = as_json(options)
        judge = partial(self._outcome, settings=settings)
        outcomes = _in_order(judge, images, self.threads)
        return _with_bar(outcomes, images) if progress else outcomes

    def predict_folder(
        self,
        images: Iterable[Image],
        *,
        keep_duplicates: bool = False,
        count_unfamiliar: bool = False,
        one_patient: bool = False,
        patients: Mapping[Any, str] | Sequence[str | None] | None = None,
        progress: bool = False,
        **options: Unpack[PredictOptions],
    ) -> FolderReport:
        """Judges images, and what they come to together: see `together`.

        `patients` may also be by image, as in `evaluate`.
        """
        if patients is not None:
            images = list(images)
            patients = _whose(patients, images, one_patient)
        outcomes = list(self.predict_many(images, progress=progress, **options))
        return self.together(
            outcomes,
            keep_duplicates=keep_duplicates,
            count_unfamiliar=count_unfamiliar,
            one_patient=one_patient,
            patients=patients,
        )

    def together(
        self,
        outcomes: Sequence[Outcome],
        *,
        keep_duplicates: bool = False,
        count_unfamiliar: bool = False,
        one_patient: bool = False,
        patients: Sequence[str | None] | None = None,
    ) -> FolderReport:
        """What images come to that were judged before.

        Where names of files as BreakHis has them tell several patients, each has a diagnosis, and
        all images together have none. `patients` says otherwise whose each is, `None` of what is
        not known; `one_patient` takes them for those of one. `OptionsError` for both, or if there
        are not as many patients as outcomes.
        Outcomes of more than one model or lesson are refused (`several_models`): they have no mean.
        """
        whose = None if patients is None else _whose(patients, list(outcomes), one_patient)
        told = [each.to_dict() for each in outcomes]
        _one_head(told)
        folder = self._engine.together(
            json.dumps(told),
            keep_duplicates,
            count_unfamiliar,
            one_patient,
            whose,
        )
        return FolderReport.from_dict(json.loads(folder))

    def whole(
        self,
        votes: Sequence[Mapping[str, Any]],
        *,
        keep_duplicates: bool = False,
        count_unfamiliar: bool = False,
    ) -> dict[str, Any]:
        """As `together`, of the few numbers of each image of one patient that the mean reads.

        A vote has `failed`, `probabilities`, `unfamiliar`, `sha256` and `uncertain_below`. What
        comes back is the folder report without its images.
        """
        text = json.dumps([dict(vote) for vote in votes])
        whole: dict[str, Any] = json.loads(
            self._engine.votes(text, keep_duplicates, count_unfamiliar)
        )
        return whole

    def features(self, image: Image, **options: Unpack[PredictOptions]) -> Features:
        """What the network's inner layers say of the image's patches that vote."""
        known = self._engine.features()
        if known is None:
            raise errors.of_core(
                "no_features",
                "this model has no features, and so it can be taught nothing",
                "Use the built-in model in int8, or one whose manifest names features "
                "(docs/teaching.md).",
                "model",
            )
        about = json.loads(known)
        levels = [(level["name"], level["channels"]) for level in about["levels"]]
        length = sum(channels for _, channels in levels) * len(about["statistics"])
        judged = self._judge(image, None, as_json(options), self.threads)
        values = np.frombuffer(judged.features(), np.float32).reshape(-1, length)
        return Features(values, levels, about["statistics"])

    def evaluate(
        self,
        images: Iterable[Image],
        labels: Labels = None,
        patients: Mapping[Any, str] | Sequence[str] | None = None,
        *,
        progress: bool = False,
        **options: Unpack[PredictOptions],
    ) -> Evaluation:
        """How right the verdicts are, by image and by patient, with 95 % intervals.

        `labels` is a table's path, a mapping from image to label or a label for each image; left
        out, labels and patients are read off names as BreakHis has them, else off folders. Images
        without a label are not looked at. An image that cannot be read raises.
        """
        judged = self._labelled(images, labels, patients, progress, options)
        return Evaluation.from_dict(json.loads(self._engine.evaluate(judged)))

    def teach(
        self,
        images: Iterable[Image],
        labels: Labels = None,
        patients: Mapping[Any, str] | Sequence[str] | None = None,
        *,
        name: str = "",
        force: bool = False,
        progress: bool = False,
        **options: Unpack[PredictOptions],
    ) -> Teaching:
        """Teaches the model labelled images, and judges it on patients that were left out.

        Arguments as of `evaluate`. `name` is the lesson's; `force` teaches of one patient a class,
        too, and then nothing is proven. `Classifier(lesson=teaching.taught())` judges by it.
        """
        if self.lesson is not None:
            raise errors.wrong_option("lesson", "the model is taught, and not one that was")
        judged = self._labelled(images, labels, patients, progress, options)
        return Teaching.from_dict(json.loads(self._engine.teach(judged, name, force)))

    def _judge(
        self,
        image: Image,
        name: str | None,
        settings: str,
        threads: int,
        truth: tuple[str | None, str | None] = (None, None),
    ) -> _core.Judged:
        if isinstance(image, np.ndarray):
            pixels = pictures.rgb(image)
            height, width, _ = pixels.shape
            handed: Any = (pixels.tobytes(), width, height)
        else:
            handed = pictures.file_or_bytes(image)
        name = _name_of(image) if name is None else name
        return self._engine.judge(handed, name, settings, threads, truth)

    def _outcome(self, image: Image, settings: str) -> Outcome:
        try:
            judged = self._judge(image, None, settings, 1)
        except errors.OptionsError:
            raise
        except errors.HistoscopeError as error:
            return Failure.of(_name_of(image), error)
        return outcome(json.loads(judged.report()))

    def _labelled(
        self,
        images: Iterable[Image],
        labels: Labels,
        patients: Mapping[Any, str] | Sequence[str] | None,
        progress: bool,
        options: PredictOptions,
    ) -> list[_core.Judged]:
        known = _labels(list(images), labels, patients)
        settings = as_json(options)

        def judge(one: tuple[Image, str, str | None]) -> _core.Judged:
            image, label, patient = one
            return self._judge(image, None, settings, 1, (label, patient))

        judged = _in_order(judge, known, self.threads)
        return list(_with_bar(judged, known) if progress else judged)


def cores() -> int:
    """How many cores this process may use: in a container or under a scheduler not all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _name_of(image: Image) -> str:
    return os.path.basename(os.fspath(image)) if isinstance(image, (str, os.PathLike)) else ""


def _labels(
    images: list[Image],
    labels: Labels,
    patients: Mapping[Any, str] | Sequence[str] | None,
) -> list[tuple[Image, str, str | None]]:
    """The images that have a label, with it and with whose they are."""
    if labels is None or isinstance(labels, (str, os.PathLike)):
        paths = [
            os.fspath(image).replace("\\", "/") if isinstance(image, (str, os.PathLike)) else ""
            for image in images
        ]
        known = _core.labels_of(paths, labels)
    else:
        known = [(label, None) for label in _each(labels, images, "labels")]
    if patients is not None:
        whose = _each(patients, images, "patients")
        known = [(label, patient) for (label, _), patient in zip(known, whose, strict=True)]
    return [
        (image, label, patient)
        for image, (label, patient) in zip(images, known, strict=True)
        if label is not None
    ]


def _each(of: Mapping[Any, Any] | Sequence[Any], images: list[Image], what: str) -> list[Any]:
    if isinstance(of, Mapping):
        return [of.get(image) for image in images]
    if len(of) != len(images):
        raise errors.wrong_option(what, f"{len(of)} for {len(images)} images")
    return list(of)


def _whose(
    patients: Mapping[Any, str] | Sequence[str | None], images: list[Any], one_patient: bool
) -> list[str | None]:
    """The patient of each image, `None` of what nothing is known of."""
    if one_patient:
        raise errors.wrong_option("patients", "one_patient says otherwise; give one of them")
    if isinstance(patients, str):
        raise errors.wrong_option("patients", "one text for all images; give one for each")
    return [patient or None for patient in _each(patients, images, "patients")]


def _one_head(reports: Sequence[Mapping[str, Any]]) -> None:
    """Refuses reports of which not all are of one model and one lesson."""
    heads = {
        (each["model"]["sha256"], json.dumps((each.get("taught") or {}).get("lesson")))
        for each in reports
        if each["success"]
    }
    if len(heads) > 1:
        raise errors.of_core(
            "several_models",
            f"the images were judged by {len(heads)} models or lessons, and have no mean",
            "Take together what one model, with one lesson or none, has judged.",
            "options",
        )


def _in_order(judge: Any, items: Iterable[Any], threads: int) -> Iterator[Any]:
    """Results in the order of the items, of which no more than a few are under way."""
    waiting: deque[Future[Any]] = deque()
    left = iter(items)
    with ThreadPoolExecutor(threads) as pool:
        try:
            waiting.extend(pool.submit(judge, item) for item in islice(left, 2 * threads))
            while waiting:
                done = waiting.popleft().result()
                waiting.extend(pool.submit(judge, item) for item in islice(left, 1))
                yield done
        finally:
            # The caller has had enough: what has not begun need not.
            for future in waiting:
                future.cancel()


def _with_bar(outcomes: Iterator[Any], images: Iterable[Any]) -> Iterator[Any]:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return outcomes
    total = len(images) if isinstance(images, Sequence) else None
    return iter(tqdm(outcomes, total=total, unit="image"))
