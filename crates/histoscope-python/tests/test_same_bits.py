"""The same reports, digit for digit, as the command line prints."""

import json
import pathlib
import shutil

import histoscope
import numpy as np
import pytest
from histoscope.records import Record

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("folder", ["good", "bad"])
def test_every_fixture_has_the_report_of_the_command_line(
    folder, fixtures, classifier, command_line, timeless
):
    files = sorted((fixtures / folder).iterdir())
    theirs = command_line("predict", *files)
    ours = classifier.predict_folder(files).to_dict()
    assert len(ours["individual_results"]) == len(files) > 15
    assert timeless(ours) == timeless(theirs)


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({"max_patches": 3}, ["--max-patches", "3"]),
        ({"max_patches": "all", "stride": 112}, ["--max-patches", "all", "--stride", "112"]),
        ({"screen": False, "uncertain_below": 0.9}, ["--no-screen", "--uncertain-below", "0.9"]),
        ({"um_per_pixel": 0.25}, ["--um-per-pixel", "0.25"]),
    ],
)
def test_options_mean_the_same(options, arguments, field, classifier, command_line, timeless):
    ours = classifier.predict(field, **options).to_dict()
    assert timeless(ours) == timeless(command_line("predict", field, *arguments))


def test_votes_mean_the_same(fixtures, classifier, command_line, timeless):
    files = [fixtures / "good" / name for name in ("png_rgb8.png", "png_rgb8.png", "png_grey8.png")]
    ours = classifier.predict_folder(files, keep_duplicates=True, count_unfamiliar=True)
    arguments = ("--keep-duplicates", "--count-unfamiliar")
    assert timeless(ours.to_dict()) == timeless(command_line("predict", *files, *arguments))


def test_several_patients_have_a_diagnosis_each_and_none_together(
    tmp_path, fixtures, classifier, command_line, timeless
):
    names = ["grid_448x224.jpg", "grid_1400x1150.jpg"]
    patients = ["14-1", "14-2"]
    files = [
        shutil.copy(fixtures / "good" / name, tmp_path / f"SOB_B_A-{patient}-40-001.jpg")
        for name, patient in zip(names, patients, strict=True)
    ]
    ours = classifier.predict_folder(files, count_unfamiliar=True)
    theirs = command_line("predict", *files, "--count-unfamiliar")
    assert timeless(ours.to_dict()) == timeless(theirs)
    assert (ours.verdict, ours.aggregated_diagnosis) == (None, None)
    assert ours.no_verdict == "several patients"
    assert [patient.patient for patient in ours.patients] == patients
    for patient, image in zip(ours.patients, ours.individual_results, strict=True):
        assert patient.aggregated_diagnosis.confidence == image.confidence
    one = classifier.predict_folder(files, count_unfamiliar=True, one_patient=True)
    theirs = command_line("predict", *files, "--count-unfamiliar", "--one-patient")
    assert timeless(one.to_dict()) == timeless(theirs)
    assert one.aggregated_diagnosis is not None
    told = classifier.predict_folder(files, count_unfamiliar=True, patients=["anna", None])
    assert [(of.patient, of.images) for of in told.patients] == [("anna", [0])]
    assert told.aggregated_diagnosis == one.aggregated_diagnosis
    by_file = classifier.predict_folder(
        files, count_unfamiliar=True, patients={files[1]: "berta", files[0]: ""}
    )
    assert [(of.patient, of.images) for of in by_file.patients] == [("berta", [1])]
    for wrong in (
        {"patients": ["anna"]},
        {"patients": "ab"},
        {"patients": ["a", None], "one_patient": True},
    ):
        with pytest.raises(histoscope.OptionsError, match="patients: "):
            classifier.together(ours.individual_results, **wrong)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads, field, command_line, timeless):
    report = histoscope.Classifier(threads=threads).predict(field)
    assert timeless(report.to_dict()) == timeless(command_line("predict", field))


def test_bytes_and_arrays_say_what_the_file_says(field, classifier):
    of_file = classifier.predict(field)
    of_bytes = classifier.predict(field.read_bytes(), name=field.name)
    assert of_bytes.patches == of_file.patches
    assert of_bytes.sha256 == of_file.sha256
    pixels = histoscope.decode(field)
    assert pixels.shape == (1150, 1400, 3)
    of_pixels = classifier.predict(pixels)
    assert of_pixels.patches == of_file.patches
    assert of_pixels.familiarity == of_file.familiarity
    assert of_pixels.sha256 is None
    # A view with other strides holds the same pixels.
    turned = classifier.predict(np.ascontiguousarray(pixels[::-1])[::-1])
    assert turned.patches == of_file.patches


def test_grey_arrays_are_replicated(fixtures, classifier):
    grey = histoscope.decode(fixtures / "good/png_grey8.png")
    assert classifier.predict(grey[:, :, 0].copy()).patches == classifier.predict(grey).patches


def test_dataclasses_know_every_field(fixtures, classifier):
    def unknown(record):
        values = vars(record).values()
        deeper = [v for value in values for v in (value if isinstance(value, list) else [value])]
        inner = [unknown(value) for value in deeper if isinstance(value, Record)]
        return sum(inner, list(record.more))

    folder = classifier.predict_folder(sorted((fixtures / "good").iterdir()))
    assert unknown(folder) == []
    assert histoscope.FolderReport.from_dict(folder.to_dict()) == folder
    later = folder.to_dict() | {"from_a_later_version": 1}
    assert histoscope.FolderReport.from_dict(later).to_dict() == later
    failed = next(classifier.predict_many([fixtures / "bad/empty.png"]))
    assert failed.schema_version == folder.schema_version


def test_the_arithmetic_is_exact(field, classifier):
    assert classifier.predict(field).engine.arithmetic == "exact"


@pytest.fixture(scope="module")
def tables(study, tmp_path_factory):
    """Tables of labels: of four patients, and of all."""
    folder, rows = study
    place = tmp_path_factory.mktemp("labels")

    def table(name, most):
        lines = [f"{r['file']},{r['label']},{r['patient']}" for r in rows if r["patient"] <= most]
        path = place / name
        path.write_text("\n".join(["file,label,patient", *lines]))
        return path

    return sorted(folder.glob("*.jpg")), table("four.csv", 4), table("all.csv", 6)


@pytest.mark.slow
def test_a_lesson_is_the_same_to_the_byte(tables, classifier, command_line, tmp_path, timeless):
    images, four, everyone = tables
    file = tmp_path / "drawn.lesson.json"
    theirs = command_line("teach", "--labels", four, "--name", "drawn", "--out", file, *images)
    ours = classifier.teach(images, four, name="drawn")
    assert ours.to_dict() == theirs
    assert ours.taught().text == file.read_text()
    assert ours.taught().classes == ["benign", "malignant"]

    copy = tmp_path / "copy.lesson.json"
    ours.taught().save(copy)
    assert copy.read_bytes() == file.read_bytes()
    taught = histoscope.Classifier(lesson=copy)
    arguments = ("--lesson", file)
    report = taught.predict(images[-1]).to_dict()
    assert timeless(report) == timeless(command_line("predict", *arguments, images[-1]))
    assert report["taught"]["verdict"] == "malignant"
    # Of different heads there is no mean.
    both = [taught.predict(images[-1]), classifier.predict(images[-1])]
    assert taught.together(both[:1]).num_images == 1
    with pytest.raises(histoscope.OptionsError, match="judged by 2 models or lessons"):
        taught.together(both)

    # Of six patients it was taught four, which do not count: two are too few to say anything.
    evaluation = taught.evaluate(images, everyone)
    assert (evaluation.images, evaluation.taught) == (8, 16)
    assert evaluation.refused.code == "too_few"
    plain = classifier.evaluate(images, everyone)
    assert plain.to_dict() == command_line("evaluate", "--labels", everyone, *images)
    assert plain.verdicts == {"unfamiliar": 24}


@pytest.mark.slow
def test_labels_may_be_told_in_python(tables, study, classifier):
    images, _, everyone = tables
    _, rows = study
    by_file = {row["file"]: row for row in rows}
    labels = {image: by_file[image.name]["label"] for image in images}
    patients = [str(by_file[image.name]["patient"]) for image in images]
    told = classifier.evaluate(images, labels, patients)
    assert told == classifier.evaluate(images, everyone)
    assert told == classifier.evaluate(images, list(labels.values()), patients)
    alone = classifier.evaluate(images, labels)
    assert [remark.code for remark in alone.warnings] == ["patients_unknown"]


@pytest.mark.slow
def test_a_deeper_lesson_finds_its_network_or_says_which_is_needed(tables, monkeypatch):
    images, four, _ = tables
    monkeypatch.delenv("HISTOSCOPE_MODELS", raising=False)
    models = ROOT / "models"
    deeper = histoscope.Classifier(models / "histoscope-teaching.int8.onnx")
    assert deeper.predict(images[-1]).probabilities.malignant == 0.5
    teaching = deeper.teach(images, four)
    assert teaching.before is None
    lesson = teaching.taught()
    with pytest.raises(histoscope.ModelError, match="histoscope-lite0-teaching") as caught:
        histoscope.Classifier(lesson=lesson)
    assert caught.value.code == "model_not_at_hand"
    named = histoscope.Classifier(models / "histoscope-teaching.int8.onnx", lesson)
    monkeypatch.setenv("HISTOSCOPE_MODELS", str(models))
    found = histoscope.Classifier(lesson=lesson)
    assert found.model == named.model == deeper.model
    report = found.predict(images[-1])
    assert report.taught.verdict == "malignant"
    assert report.taught == named.predict(images[-1]).taught


def test_too_little_is_refused_with_its_reason(tables, classifier):
    images, _, everyone = tables
    few = [image for image in images if image.name.startswith(("drawn-1", "drawn-2"))]
    teaching = classifier.teach(few, everyone)
    assert teaching.refused.code == "too_few"
    with pytest.raises(ValueError, match="too_few"):
        teaching.taught()


def test_features_are_those_that_lessons_are_taught(field, classifier):
    features = classifier.features(field)
    assert [name for name, _ in features.levels] == ["b4", "b6", "b7"]
    voted = classifier.predict(field).patch_breakdown
    length = 2 * sum(channels for _, channels in features.levels)
    assert features.values.shape == (voted.benign_patches + voted.malignant_patches, length)
    assert features.of_image().shape == (length,)
    assert np.array_equal(features.values, histoscope.Classifier(threads=1).features(field).values)
    none = np.full((300, 300, 3), 255, np.uint8)
    assert not classifier.features(none).of_image().any()


def test_the_stated_version_is_that_of_the_core(classifier, field):
    assert classifier.predict(field).engine.version == histoscope.__version__
    assert json.dumps(classifier.model.to_dict()) == json.dumps(
        classifier.predict(field).model.to_dict()
    )
    assert (pathlib.Path(histoscope.__file__).parent / "py.typed").exists()
