"""Cohorts: more images than one call should hold, on one machine or many.

    manifest or folder -> batches -> workers with a classifier each -> Parquet, a part a batch
                       -> one table, and one of patients

What is done is passed over when a run is begun again. `histoscope.ray.run` is the same on a
cluster.
"""

from histoscope.cohort.job import Job, Progress
from histoscope.cohort.local import run
from histoscope.cohort.tables import merge, patients, results

__all__ = ["Job", "Progress", "merge", "patients", "results", "run"]
