"""Cohorts on one machine: every image once, whatever dies."""

import pathlib

import histoscope
import pyarrow.csv
import pyarrow.parquet
import pytest
from deadly import Deadly, Stillborn
from histoscope import cohort as cohorts
from histoscope.cohort import job, local, manifest, parts

BATCH = 3


def test_each_image_has_one_row_and_failures_are_rows(cohort, tmp_path):
    source, count = cohort
    progress = cohorts.run(source, tmp_path / "out", batch=BATCH, workers=2, max_patches=4)
    assert progress == cohorts.Progress(judged=count, failed=2)
    table = cohorts.results(tmp_path / "out")
    assert table.num_rows == count
    assert parts.read(tmp_path / "out").num_rows == count
    rows = {pathlib.Path(row["path"]).name: row for row in table.to_pylist()}
    assert rows["broken.png"]["error_code"] == "image_not_recognised"
    assert rows["missing.jpg"]["error_code"] == "file_unreadable"
    report = histoscope.Classifier().predict(source.parent / "images/drawn-3-2.jpg", max_patches=4)
    row = rows["drawn-3-2.jpg"]
    assert row["patient"] == "003"
    expected = report.to_row() | {"filename": row["path"]}
    assert {name: row[name] for name in expected} == expected

    again = cohorts.run(source, tmp_path / "out", workers=2, max_patches=4)
    assert again == cohorts.Progress(done_before=count)
    (source.parent / "images/missing.jpg").write_bytes(
        (source.parent / "images/drawn-6-1.jpg").read_bytes()
    )
    retried = cohorts.run(source, tmp_path / "out", retry_failed=True, workers=1, max_patches=4)
    assert retried == cohorts.Progress(judged=2, failed=1, done_before=count - 2)
    table = cohorts.results(tmp_path / "out")
    assert table.num_rows == count
    assert sum(table["success"].to_pylist()) == count - 1


def test_the_table_of_patients_follows_the_rules_of_folders(cohort, tmp_path):
    source, _ = cohort
    cohorts.run(source, tmp_path / "out", max_patches=4)
    classifier = histoscope.Classifier()
    table = cohorts.patients(cohorts.results(tmp_path / "out"), classifier, count_unfamiliar=True)
    assert table["patient"].to_pylist() == [f"00{patient}" for patient in range(1, 7)]
    images = [source.parent / f"images/drawn-2-{index}.jpg" for index in range(1, 5)]
    folder = classifier.predict_folder(images, count_unfamiliar=True, max_patches=4)
    second = table.to_pylist()[1]
    assert second["probability_malignant"] == folder.aggregated_diagnosis.probabilities.malignant
    assert (second["images"], second["unfamiliar"]) == (4, folder.num_unfamiliar)
    assert table["failed"].to_pylist() == [0, 0, 0, 0, 0, 1]
    # Unfamiliar as they are, none votes unless it is asked for.
    plain = cohorts.patients(cohorts.results(tmp_path / "out"), classifier)
    assert set(plain["verdict"].to_pylist()) == {"unfamiliar"}
    for name, read in (("p.csv", pyarrow.csv.read_csv), ("p.parquet", pyarrow.parquet.read_table)):
        cohorts.merge(table, tmp_path / name)
        assert read(tmp_path / name).num_rows == 6


def test_storages_other_than_disks(cohort, tmp_path):
    import fsspec

    source, _ = cohort
    store = fsspec.filesystem("memory")
    for name in ("drawn-1-1.jpg", "broken.png"):
        store.pipe(f"/cohort/{name}", (source.parent / "images" / name).read_bytes())
    images = manifest.read("memory://cohort")
    assert [image.path for image in images] == [
        "memory://cohort/broken.png",
        "memory://cohort/drawn-1-1.jpg",
    ]
    # The memory is that of this process, so the work is done here.
    task = job.Job("memory://out", options={"max_patches": 4})
    done = task.do(task.classifier(), [*images, manifest.Image("memory://cohort/none.png", None)])
    assert done == cohorts.Progress(judged=3, failed=2)
    rows = cohorts.results("memory://out").to_pylist()
    codes = [row["error_code"] for row in rows]
    assert codes == ["image_not_recognised", None, "file_unreadable"]
    local_rows = histoscope.Classifier().predict(
        source.parent / "images/drawn-1-1.jpg", max_patches=4
    )
    assert rows[1]["file_sha256"] == local_rows.sha256
    assert parts.left(images, "memory://out", retry_failed=False) == []


def test_wrong_options_are_refused_before_anything_runs(cohort, tmp_path):
    source, _ = cohort
    for wrong in ({"max_patches": 0}, {"batch": 0}, {"strides": 3}):
        with pytest.raises(histoscope.OptionsError):
            cohorts.run(source, tmp_path / "out", **wrong)
    with pytest.raises(histoscope.OptionsError, match="there is nothing"):
        cohorts.run(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("how", "failed"), [("once", 2), ("always", 3)])
def test_a_worker_that_dies_costs_no_other_image(how, failed, cohort, tmp_path):
    source, count = cohort
    out = tmp_path / "out"
    task = Deadly(str(out), how=how, options={"max_patches": 4})
    images = manifest.read(source)
    progress = sum(local._all(task, local.batches(images, BATCH), 2), start=cohorts.Progress())
    assert progress == cohorts.Progress(judged=count, failed=failed)
    assert parts.read(out).num_rows == count
    cohorts.run(source, tmp_path / "plain", max_patches=4)
    plain = {row["path"]: row for row in cohorts.results(tmp_path / "plain").to_pylist()}
    for row in cohorts.results(out).to_pylist():
        if how == "always" and "drawn-4-1" in row["path"]:
            assert row["error_code"] == "worker_died"
        else:
            assert row == plain[row["path"]]


def test_workers_that_cannot_begin_are_no_failure_of_images(cohort, tmp_path):
    source, _ = cohort
    task = Stillborn(str(tmp_path / "out"))
    with pytest.raises(RuntimeError, match="cannot begin"):
        list(local._all(task, [manifest.read(source)], 1))
    assert not (tmp_path / "out").exists()
