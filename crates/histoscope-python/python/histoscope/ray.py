"""A cohort on a cluster: `histoscope.cohort.run`, with Ray Data in the place of processes.

Ray places the workers, restarts those that die and gives their batches to others. As a part is
named after its images, one that is written twice is there once.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import ray
import ray.data

from histoscope.cohort import manifest, parts
from histoscope.cohort.job import Job, Progress, job_of
from histoscope.cohort.local import BATCH, batches
from histoscope.cohort.manifest import Image, Source
from histoscope.cohort.places import Place

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from histoscope.options import PredictOptions


class _Worker:
    """An actor that holds one classifier."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.classifier = job.classifier()

    def __call__(self, batch: pa.Table) -> pa.Table:
        images = [Image(**row) for row in batch.to_pylist()]
        done = self.job.do(self.classifier, images)
        return pa.table({"judged": [done.judged], "failed": [done.failed]})


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
    """As `histoscope.cohort.run`, with `workers` actors of one core each (as many as there are).

    Every node has to see `source` and `output`: a shared folder, or an object storage. Call
    `ray.init` before, or it is done with Ray's defaults.
    """
    job = job_of(output, model, lesson, precision, keep_reports, options)
    images = manifest.read(source)
    left = parts.left(images, output, retry_failed)
    progress = Progress(done_before=len(images) - len(left))
    if not left:
        return progress
    if not ray.is_initialized():
        ray.init()
    count = workers or int(ray.cluster_resources().get("CPU", 1))
    # A block for each batch, so that a batch is what Ray hands out and, after a death, repeats.
    blocks = [_block(images) for images in batches(left, batch)]
    done = ray.data.from_arrow(blocks).map_batches(
        _Worker,
        fn_constructor_args=(job,),
        batch_size=None,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=min(count, len(blocks))),
        num_cpus=1,
    )
    for row in done.iter_rows():
        progress += Progress(judged=row["judged"], failed=row["failed"])
    return progress


def _block(images: list[Image]) -> pa.Table:
    paths, patients = zip(*images, strict=True)
    return pa.table(
        {"path": pa.array(paths, pa.string()), "patient": pa.array(patients, pa.string())}
    )
