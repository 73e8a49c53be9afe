"""A cohort on one machine: processes, of which each holds a classifier.

Processes and not threads, so that a file that kills its decoder, or memory that runs out, costs one
image and not the run.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING

from histoscope import errors
from histoscope.classifier import Classifier, cores
from histoscope.cohort import manifest, parts
from histoscope.cohort.job import Job, Progress, job_of
from histoscope.cohort.manifest import Image, Source
from histoscope.cohort.places import Place
from histoscope.reports import Failure

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from histoscope.options import PredictOptions

# Images of a batch: what is judged again if a worker dies.
BATCH = 64


def run(
    source: Source,
    output: Place,
    *,
    model: str | os.PathLike[str] | None = None,
    lesson: str | os.PathLike[str] | None = None,
    precision: str = "int8",
    workers: int | None = None,
    batch: int = BATCH,
    keep_reports: bool = False,
    retry_failed: bool = False,
    **options: Unpack[PredictOptions],
) -> Progress:
    """Judges all images of `source` that `output` has not got, and writes a row for each.

    `source` is a folder, a manifest (CSV, TSV, Parquet) or paths; both it and `output` may lie in
    an object storage. `workers` processes run side by side (as many as there are cores). An image
    that fails is a row with its reason, and is not tried again unless `retry_failed`. Options are
    those of `Classifier.predict`.
    """
    job = job_of(output, model, lesson, precision, keep_reports, options)
    images = manifest.read(source)
    left = parts.left(images, output, retry_failed)
    progress = Progress(done_before=len(images) - len(left))
    for done in _all(job, batches(left, batch), workers or cores()):
        progress += done
    return progress


def batches(images: Sequence[Image], size: int) -> list[list[Image]]:
    """In their order, `size` at a time."""
    if size < 1:
        raise errors.wrong_option("batch", f"{size} is less than 1")
    return [list(images[first : first + size]) for first in range(0, len(images), size)]


def _all(job: Job, waiting: Sequence[list[Image]], workers: int) -> Iterator[Progress]:
    line = deque(waiting)
    while line:
        lost: list[list[Image]] = []
        yield from _until_broken(job, line, workers, lost)
        # One of these took its worker with it, or somebody else did. Each by itself, it shows.
        for images in lost:
            yield from _alone(job, images)


def _until_broken(
    job: Job, line: deque[list[Image]], workers: int, lost: list[list[Image]]
) -> Iterator[Progress]:
    """Empties the line, until a worker dies; what was under way then is lost."""
    under_way: dict[Future[Progress], list[Image]] = {}
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(job,)
    ) as pool:
        try:
            pool.submit(_begun).result()
        except BrokenProcessPool as error:
            # No image is to blame.
            raise RuntimeError("the workers cannot begin; see above") from error
        while line or under_way:
            while line and len(under_way) < 2 * workers and not lost:
                images = line.popleft()
                try:
                    under_way[pool.submit(_work, images)] = images
                except BrokenProcessPool:
                    lost.append(images)
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                images = under_way.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost.append(images)
            if lost and not under_way:
                return


def _alone(job: Job, images: list[Image]) -> Iterator[Progress]:
    """Judges images with a worker of their own; the one that kills it fails."""
    lost: list[list[Image]] = []
    yield from _until_broken(job, deque([images]), 1, lost)
    if not lost:
        return
    if len(images) == 1:
        [image] = images
        died = errors.of_core(
            "worker_died",
            "the process that judged it has died, twice",
            "Check the memory that a process may have; look at this image by itself.",
            "limits",
        )
        yield job.write(images, [Failure.of(image.path, died)])
        return
    middle = len(images) // 2
    for half in (images[:middle], images[middle:]):
        yield from _alone(job, half)


# Of this process, once it has begun.
_job: Job
_classifier: Classifier


def _begin(job: Job) -> None:
    global _job, _classifier
    _job, _classifier = job, job.classifier()


def _begun() -> None:
    """Done by a worker that has its classifier."""


def _work(images: list[Image]) -> Progress:
    return _job.do(_classifier, images)
