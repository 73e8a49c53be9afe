"""What only Python has: many at once, errors as exceptions, pictures, tables, other processes."""

import io
import itertools
import json
import pathlib
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import histoscope
import numpy as np
import pytest
from histoscope import pictures
from PIL import Image

PACKAGE = pathlib.Path(__file__).resolve().parents[1]


def test_many_keep_their_order_and_fail_one_by_one(fixtures, classifier):
    small, empty = fixtures / "bad/size_223x224.png", fixtures / "bad/empty.png"
    files = [fixtures / "good/grid_1400x1150.jpg", empty, small, fixtures / "missing.png", small]
    outcomes = list(classifier.predict_many(files, progress=True))
    assert [outcome.filename for outcome in outcomes] == [file.name for file in files]
    assert [outcome.success for outcome in outcomes] == [True, False, False, False, False]
    codes = [outcome.error.code for outcome in outcomes[1:]]
    assert codes == ["image_empty", "image_too_small", "file_unreadable", "image_too_small"]
    assert isinstance(outcomes[1].raised(), histoscope.ImageError)


def test_many_are_taken_a_few_at_a_time(fixtures, classifier):
    taken = []

    def endless():
        for index in itertools.count():
            taken.append(index)
            yield fixtures / "good/png_224x224.png"

    outcomes = classifier.predict_many(endless())
    assert next(outcomes).success
    assert next(outcomes).success
    outcomes.close()
    assert len(taken) <= 2 * classifier.threads + 2


def test_the_lock_is_free_while_an_image_is_judged(field, classifier):
    """Without being let go, the lock would pass to the other thread only after the image."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(3600)
    begun, done = threading.Event(), threading.Event()

    def judge():
        begun.set()
        classifier.predict(field, max_patches="all", stride=64)
        done.set()

    thread = threading.Thread(target=judge)
    try:
        thread.start()
        begun.wait()
        assert not done.is_set()
    finally:
        sys.setswitchinterval(usual)
        thread.join()
    assert done.is_set()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_patches": 0}, "max_patches"),
        ({"stride": 3}, "stride"),
        ({"uncertain_below": 0.2}, "uncertain_below"),
        ({"strides": 224}, "strides: there is no such option"),
        ({"max_patches": "some"}, "whole number"),
    ],
)
def test_wrong_options_are_named_before_anything_runs(options, said, field, classifier):
    def many(image, **options):
        return list(classifier.predict_many([image], **options))

    for judge in (classifier.predict, many):
        with pytest.raises(histoscope.OptionsError, match=said) as caught:
            judge(field, **options)
        assert caught.value.code == "options_invalid"
        assert caught.value.remedy.endswith(".")


def test_errors_have_the_words_of_the_core(fixtures, classifier, command_line):
    file = fixtures / "bad/size_223x224.png"
    with pytest.raises(histoscope.ImageError) as caught:
        classifier.predict(file)
    error = command_line("predict", file)["error"]
    said = caught.value
    assert error == {
        "code": said.code,
        "message": said.message,
        "remedy": said.remedy,
        "fault": said.fault,
    }
    again = pickle.loads(pickle.dumps(said))
    assert (type(again), str(again)) == (type(said), str(said))


@pytest.mark.parametrize(
    "image",
    [np.zeros((300, 300), np.float32), np.zeros((300, 300, 4), np.uint8), 7, None],
    ids=["float", "four channels", "a number", "nothing"],
)
def test_what_is_no_image_is_refused(image, classifier):
    with pytest.raises(histoscope.OptionsError, match="image: "):
        classifier.predict(image)


def test_wrong_models_and_lessons_are_refused(tmp_path, fixtures):
    with pytest.raises(histoscope.ModelError) as caught:
        histoscope.Classifier(tmp_path / "none.onnx")
    assert caught.value.code == "model_missing"
    wrong = tmp_path / "wrong.lesson.json"
    wrong.write_text("{}")
    with pytest.raises(histoscope.ModelError) as caught:
        histoscope.Classifier(lesson=wrong)
    assert caught.value.code == "lesson_invalid"
    with pytest.raises(histoscope.OptionsError, match="threads"):
        histoscope.Classifier(threads=0)
    with pytest.raises(histoscope.OptionsError, match="f16"):
        histoscope.Classifier(precision="f16")


def test_a_model_from_a_file_is_the_built_in_one(field, classifier):
    file = PACKAGE.parents[1] / "models/histoscope-v0.int8.onnx"
    assert histoscope.Classifier(file).predict(field).patches == classifier.predict(field).patches


def test_a_classifier_goes_to_other_processes(field, classifier):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(classifier.predict, field).result()
    assert there.patches == classifier.predict(field).patches


def test_the_map_lies_over_the_picture(field, fixtures, classifier):
    report = classifier.predict(field, screen=False)
    pixels = histoscope.decode(field)
    plain, full = (report.overlay(field, opacity).pixels for opacity in (0, 1))
    assert np.array_equal(plain, pixels)
    for patch in report.patches:
        expected = colour(patch)
        inside = full[patch.y : patch.y + 223, patch.x : patch.x + 223]
        assert (inside == expected).all()
    # Five of thirty patches are not sampled, and stay as they are.
    assert (full == pixels).all(axis=2).sum() > 5 * 224 * 224

    with pytest.raises(histoscope.OptionsError, match="1400x1150"):
        report.overlay(fixtures / "good/png_rgb8.png")
    with pytest.raises(histoscope.OptionsError, match="opacity"):
        report.overlay(field, 2)


def test_the_map_of_patches_that_overlap_shows_the_middle_of_each(field, classifier):
    report = classifier.predict(field, screen=False, max_patches="all", stride=112)
    full = report.overlay(field, 1).pixels
    assert len(report.patches) == 11 * 9
    for patch in report.patches:
        expected = colour(patch)
        assert (full[patch.y + 60 : patch.y + 160, patch.x + 60 : patch.x + 160] == expected).all()


def test_patches_without_a_vote_are_hatched(classifier):
    glass = np.full((448, 448, 3), 250, np.uint8)
    report = classifier.predict(glass)
    assert report.verdict == "not assessable"
    laid = report.overlay(glass).pixels
    hatched = (laid == (27, 35, 48)).all(axis=2).mean()
    assert 0.1 < hatched < 0.15
    assert ((laid == 250).all(axis=2) | (laid == (27, 35, 48)).all(axis=2)).all()


def colour(patch):
    """That of a patch that voted for benign or malignant."""
    said = patch.probabilities
    return pictures.paint(pictures.OWN_CLASSES, [said.benign, said.malignant]).colour


def test_colours_and_patches_are_those_of_page_and_command_line(fixtures):
    cases = json.loads((fixtures / "tiles.json").read_text(encoding="utf-8"))
    for case in cases:
        report = histoscope.Report.from_dict(case["report"])
        for area, expected, tile in zip(
            report._areas(), case["colours"], case["tiles"], strict=True
        ):
            said = tile["properties"]
            assert (area.paint is None) == (expected is None), case["name"]
            if expected is None:
                continue
            assert area.paint.colour == tuple(expected), case["name"]
            if report.classes != list(pictures.OWN_CLASSES):
                assert area.paint.said.startswith(f"{said['classification']['name']} ")


def test_a_model_of_its_own_classes_speaks_by_these(field, classifier):
    data = classifier.predict(field, screen=False).to_dict()
    classes = ["stroma", "in situ", "invasive"]
    voters = [[0.25, 0.5, 0.25] for _ in data["patches"]]
    for patch in data["patches"]:
        patch["probabilities"] = None
    data |= {"prediction": None, "prediction_idx": None, "confidence": None, "probabilities": None}
    data["verdict"] = "uncertain"
    data["taught"] = {
        "classes": classes,
        "prediction": "in situ",
        "prediction_idx": 1,
        "confidence": 0.5,
        "probabilities": [0.25, 0.5, 0.25],
        "voters": voters,
        "familiarity": None,
        "verdict": "in situ",
    }
    report = histoscope.Report.from_dict(data)
    assert report.to_dict() == data
    assert report.taught.lesson is None
    assert str(report).endswith(": in situ (in situ, 50.0%)")
    patches = report.to_pandas()
    assert list(patches["probability_in situ"]) == [0.5] * len(voters)
    assert "probability_benign" not in patches
    first = report.patches[0]
    shown = pictures.paint(classes, voters[0]).colour
    full = report.overlay(field, 1).pixels
    assert (full[first.y : first.y + 223, first.x : first.x + 223] == shown).all()
    assert "in situ 50.0%" in report._repr_html_()
    # A lesson of other classes speaks beside the model, and before it.
    lesson = {"name": "ours", "sha256": "cd" * 32}
    plain = classifier.predict(field, screen=False).to_dict()
    taught = histoscope.Report.from_dict(plain | {"taught": data["taught"] | {"lesson": lesson}})
    assert str(taught).endswith(": in situ (in situ, 50.0%)")
    assert list(taught.to_pandas()["probability_in situ"]) == [0.5] * len(voters)
    assert np.array_equal(taught.overlay(field, 1).pixels, full)


def test_pictures_are_png(field, classifier, tmp_path):
    picture = classifier.predict(field).overlay(field)
    picture.save(tmp_path / "map.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "map.png")), picture.pixels)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(picture._repr_png_()))), picture.pixels)


def test_notebooks_show_reports(field, fixtures, classifier):
    shown = classifier.predict(field)._repr_html_()
    assert shown.count("<rect") == 25
    assert "not a medical device" in shown
    [failure] = classifier.predict_many([fixtures / "bad/empty.png"])
    assert "the file is empty" in failure._repr_html_()
    named = classifier.predict(field, name="<script>")
    assert "<script>" not in named._repr_html_()


def test_tables(field, fixtures, classifier):
    report = classifier.predict(field)
    patches = report.to_pandas()
    assert len(patches) == 25
    assert patches["probability_malignant"].mean() == pytest.approx(report.probabilities.malignant)
    images = classifier.predict_folder([field, fixtures / "bad/empty.png"]).to_pandas()
    assert images["verdict"].tolist()[0] == report.verdict
    assert images["error_code"].tolist()[1] == "image_empty"


def test_only_numpy_is_needed():
    script = (
        "import sys\n"
        "for name in ('pandas', 'tqdm', 'PIL', 'pyarrow', 'ray'): sys.modules[name] = None\n"
        "import histoscope\n"
        "print(len(list(histoscope.Classifier().predict_many([sys.argv[1]], progress=True))))\n"
        "try: next(histoscope.Classifier().predict_many([sys.argv[1]])).to_pandas()\n"
        "except ImportError as error: print(error)"
    )
    field = PACKAGE.parents[1] / "tests/fixtures/good/grid_1400x1150.jpg"
    done = subprocess.run(
        [sys.executable, "-c", script, field], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["1", "pandas is needed for this: pip install pandas"]


@pytest.mark.parametrize(
    "tool",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", "-p", "histoscope"],
        pytest.param(
            ["mypy.stubtest", "histoscope._core", "--ignore-disjoint-bases"],
            marks=pytest.mark.slow,
        ),
    ],
    ids=["lint", "format", "types", "stubs"],
)
def test_code_is_tidy(tool):
    done = subprocess.run(
        [sys.executable, "-m", *tool], cwd=PACKAGE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_notebook_of_the_docs_runs():
    import nbformat
    from nbclient import NotebookClient

    docs = PACKAGE.parents[1] / "docs"
    notebook = nbformat.read(docs / "python.ipynb", as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(docs)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in shown)
    assert not any(output.output_type == "error" for output in shown)
