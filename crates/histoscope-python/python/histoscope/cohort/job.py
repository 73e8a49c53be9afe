"""What is to be done with a cohort, and how a worker does a batch of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyarrow import fs

from histoscope import _core, errors
from histoscope.classifier import Classifier
from histoscope.cohort import parts
from histoscope.cohort.manifest import Image
from histoscope.cohort.places import is_local, resolve
from histoscope.options import PredictOptions
from histoscope.reports import Failure, Outcome


@dataclass(frozen=True)
class Job:
    """It is sent to every worker. Paths, of models and lessons too, have to mean the same there."""

    output: str
    model: str | None = None
    lesson: str | None = None
    precision: str = "int8"
    # Whole reports, patches and all, in the column `report`: some kilobytes an image.
    keep_reports: bool = False
    # Those of `Classifier.predict`.
    options: PredictOptions = field(default_factory=PredictOptions)

    def classifier(self) -> Classifier:
        """For one worker: one thread, for there are as many workers as cores."""
        return Classifier(self.model, self.lesson, 1, precision=self.precision)

    def do(self, classifier: Classifier, images: Sequence[Image]) -> Progress:
        """Judges a batch and writes its part."""
        return self.write(images, [judge(classifier, image, self.options) for image in images])

    def write(self, images: Sequence[Image], outcomes: Sequence[Outcome]) -> Progress:
        """Writes the part of a batch."""
        rows = []
        for image, outcome in zip(images, outcomes, strict=True):
            row = {"path": image.path, "patient": image.patient} | outcome.to_row()
            if self.keep_reports:
                row["report"] = json.dumps(outcome.to_dict())
            rows.append(row)
        parts.write(self.output, images, rows)
        failed = sum(not outcome.success for outcome in outcomes)
        return Progress(judged=len(outcomes), failed=failed)


@dataclass(frozen=True)
class Progress:
    """How many images: judged in this run, failed among them, done before it."""

    judged: int = 0
    failed: int = 0
    done_before: int = 0

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.judged + other.judged,
            self.failed + other.failed,
            self.done_before + other.done_before,
        )


def judge(classifier: Classifier, image: Image, options: PredictOptions) -> Outcome:
    """The report on an image wherever it lies, or its failure."""
    try:
        filesystem, path = resolve(image.path)
        file: Any = path if is_local(filesystem) else _bytes(filesystem, path)
        return classifier.predict(file, name=image.path, **options)
    except errors.OptionsError:
        # It would be wrong for every image.
        raise
    except errors.HistoscopeError as error:
        return Failure.of(image.path, error)
    except OSError as error:
        return Failure.of(image.path, _unreadable(str(error)))


def _bytes(filesystem: fs.FileSystem, path: str) -> bytes:
    """No more of an object than an image may have."""
    most = _core.MAX_FILE_BYTES
    with filesystem.open_input_stream(path) as file:
        data = bytes(file.read(most + 1))
    if len(data) > most:
        raise errors.of_core(
            "file_too_large",
            f"the file has {len(data)} bytes; the limit is {most}",
            "Crop the field of interest, or save it as JPEG or WebP.",
            "limits",
        )
    return data


def _unreadable(detail: str) -> errors.HistoscopeError:
    return errors.of_core(
        "file_unreadable",
        f"the file cannot be read: {detail}",
        "Check that the path exists and that you may read the file.",
        "image",
    )


def job_of(
    output: str | os.PathLike[str],
    model: str | os.PathLike[str] | None,
    lesson: str | os.PathLike[str] | None,
    precision: str,
    keep_reports: bool,
    options: PredictOptions,
) -> Job:
    """A job whose options are checked before any worker starts."""
    model, lesson = (None if path is None else os.fspath(path) for path in (model, lesson))
    job = Job(os.fspath(output), model, lesson, precision, keep_reports, options)
    # An empty file fails for what it is, if the options are none they fail first.
    [failure] = job.classifier().predict_many([b""], **options)
    if not isinstance(failure, Failure) or failure.error.code != "image_empty":
        raise AssertionError(f"an empty file is said to be {failure}")
    return job
