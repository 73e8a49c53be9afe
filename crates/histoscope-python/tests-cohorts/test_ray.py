"""Cohorts on a Ray cluster of two nodes, of which a worker is killed in the middle."""

import os
import pathlib
import signal
import threading
import time

import histoscope.ray
import psutil
import pytest
import ray
from histoscope import cohort as cohorts
from histoscope.cohort import parts
from ray.cluster_utils import Cluster


@pytest.fixture
def cluster():
    nodes = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    nodes.add_node(num_cpus=1)
    nodes.connect()
    yield nodes
    ray.shutdown()
    nodes.shutdown()


def actors():
    """Processes that hold a classifier."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "MapWorker" in " ".join(process.info["cmdline"] or [])
    ]


def kill_one(output, killed):
    """Kills a worker as soon as a part is there."""
    while not list(pathlib.Path(output).glob("part-*")):
        time.sleep(0.01)
    for process in actors()[:1]:
        os.kill(process.pid, signal.SIGKILL)
        killed.append(process.pid)


def test_nothing_is_lost_and_nothing_is_there_twice(cluster, cohort, tmp_path, timeless):
    source, count = cohort
    options = {"keep_reports": True, "max_patches": 8}
    killed = []
    killer = threading.Thread(target=kill_one, args=(tmp_path / "out", killed))
    killer.start()
    progress = histoscope.ray.run(source, tmp_path / "out", batch=1, **options)
    killer.join()
    assert len(killed) == 1
    assert progress == cohorts.Progress(judged=count, failed=2)
    assert cohorts.run(source, tmp_path / "plain", **options).judged == count
    there, here = (timeless(parts.read(tmp_path / name)) for name in ("out", "plain"))
    assert len(there) == count
    assert there == here
    assert histoscope.ray.run(source, tmp_path / "out") == cohorts.Progress(done_before=count)
