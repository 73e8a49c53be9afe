"""Figures, plots and card: complete, deterministic, and made from the figures alone."""

import dataclasses
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from models.train.data.pictures import Picture
from models.train.data.split import FOLDS
from models.train.evaluate import analysis, learning_curve, metrics
from models.train.evaluate.perturbations import PERTURBATIONS
from models.train.release import card, goals, plots, report

from ..invented import usual

CASES, RUNS = usual()


def invented_curve() -> dict:
    points = [
        {"patients": n, "draws": 4}
        | {name: 1 - 0.8 * n**-0.3 for name in learning_curve.SCORES}
        | {f"{name}_sd": 0.02 for name in learning_curve.SCORES}
        for n in (8, 16, 24)
    ]
    fits = {name: learning_curve.power_law(points, name) for name in learning_curve.SCORES}
    return {"recipe": "a linear head", "points": points, "fits": fits}


def invented_predictions() -> report.Predictions:
    random = np.random.default_rng(0)
    rows = np.arange(0, len(CASES), 7)
    pictures = [
        Picture(Path(str(i)), int(CASES.labels[i]), "DC", str(CASES.patients[i]), 100, 1)
        for i in rows
    ]
    changed = {
        change.name: [random.normal(0, 1, (3, 2)) for _ in pictures] for change in PERTURBATIONS
    }
    familiar = random.random(len(CASES)) < 0.9
    return report.Predictions(CASES, RUNS, pictures, changed, familiar)


@pytest.fixture(scope="module")
def complete(results) -> dict:
    """metrics.json as run.py writes it, from invented predictions."""
    engines = {
        "images": 2,
        "patches": 12,
        "pairs": [
            {
                "name": "Histoscope, int8",
                "against": "PyTorch, f32",
                "label_agreement": 1.0,
                "mean_probability_difference": 0.001,
                "largest_probability_difference": 0.002,
            }
        ],
    }
    figures = invented_predictions().figures()
    known = {name: results[name] for name in ("data", "protocol", "recipe", "revision", "cuts")}
    return report.plain(known | figures | {"learning_curve": invented_curve(), "engines": engines})


def test_scores_are_means_over_seeds_of_the_hand_made_ones():
    found = analysis.evaluate(CASES, RUNS)
    assert found["calibration"]["temperature"] > 0
    p = [metrics.image_probabilities(run.logits["int8"], CASES.owner, len(CASES)) for run in RUNS]
    wanted = np.mean([metrics.auc(CASES.labels, q) for q in p])
    table = analysis.summarise(CASES, RUNS, p)
    assert table["auc"]["mean"] == pytest.approx(wanted)
    low, high = table["auc"]["interval"]
    assert low < wanted < high


def test_groups_have_no_figure_where_none_is_defined():
    p = [np.full(len(CASES), 0.7) for _ in RUNS]
    values = np.where(CASES.patients == "100", "few", "many")
    few, many = analysis.by_group(CASES, values, p)
    assert (few["group"], few["patients"], few["labels"]) == ("few", 1, [0])
    assert few["accuracy"] == 0 and few["accuracy_interval"] is None
    assert few["auc"] is None and few["balanced_accuracy"] is None
    assert many["auc"] == 0.5 and many["balanced_accuracy"] == 0.5
    assert many["accuracy_interval"] is not None
    assert many["mean_malignant_probability"] == pytest.approx(0.7)


def test_every_patient_is_listed_once():
    p = [np.where(CASES.labels == 1, 0.8, 0.3)] * len(RUNS)
    table = analysis.by_patient(CASES, p)
    assert sum(row["images"] for row in table) == len(CASES)
    assert len({row["patient"] for row in table}) == len(table) == len(set(CASES.patients))
    assert all(row["fraction_right"] == 1 for row in table)


def test_the_cost_of_int8_is_a_paired_difference():
    p = [np.where(CASES.labels == 1, 0.8, 0.3)] * 2
    same = analysis.compare_variants(CASES, {"f32": p, "int8": p})
    assert same["score_differences"]["auc"] == 0
    assert same["difference_intervals"]["auc"] == [0, 0]
    assert same["label_agreement"] == 1
    worse = analysis.compare_variants(CASES, {"f32": p, "int8": [1 - q for q in p]})
    assert worse["score_differences"]["auc"] == -1
    assert worse["largest_probability_difference"] == pytest.approx(0.6)


def test_figures_are_the_same_every_time(complete):
    again = report.plain(invented_predictions().figures())
    assert json.dumps(again) == json.dumps({name: complete[name] for name in again})


def test_figures_are_valid_json_with_few_digits():
    found = report.plain({"a": np.float64("nan"), "b": (np.int64(3), 1 / 3), 5: [np.bool_(True)]})
    assert found == {"a": None, "b": [3, 0.333333], "5": [True]}
    assert found["5"][0] is True


def test_plots_are_small_well_formed_and_deterministic(complete):
    drawn = plots.draw(complete)
    assert set(drawn) == {name for name, _, _ in plots.PLOTS}
    assert drawn == plots.draw(json.loads(json.dumps(complete)))
    for name, content in drawn.items():
        assert len(content.encode()) < 60_000, name
        root = ElementTree.fromstring(content)
        assert root.tag.endswith("svg") and root.find("{*}title").text
        assert not re.search(r"\bnan\b", content)
        box = [float(side) for side in root.get("viewBox").split()]
        for circle in root.iter("{*}circle"):
            assert 0 <= float(circle.get("cx")) <= box[2]


def test_card_shows_every_part(complete, manifest):
    text = card.render(manifest, complete)
    for name in plots.draw(complete):
        assert f"(plots/{name})" in text
    for title in ("goals", "magnification", "subtype", "Calibration", "Abstention", "Robustness"):
        assert title in text
    assert "Histoscope, int8" in text and "haematoxylin x0.7" in text
    assert not re.search(r"\b(None|nan)\b", text)
    for row in complete["by_magnification"]:
        low, high = row["accuracy_interval"]
        assert f"{row['accuracy']:.3f} ({low:.3f} to {high:.3f})" in text


def test_card_tells_what_stays_behind_familiarity(complete, manifest):
    text = card.render(manifest, complete)
    behind = complete["calibration"]["abstention"]["familiar"]
    for row in (behind["without"], behind["at_threshold"]):
        assert f"| {row['coverage']:.1%} | {row['accuracy']:.1%} |" in text
    assert "These figures and the plot count all images." in " ".join(text.split())
    point = behind["coverage_curve"][5]
    assert f"| {point['patient_coverage']:.1%} | {point['patient_accuracy']:.1%} |\n" in text

    alone = json.loads(json.dumps(complete))
    del alone["calibration"]["abstention"]["familiar"]
    assert "count all images" not in " ".join(card.render(manifest, alone).split())


def test_card_says_how_far_the_maps_edges_stand_out(complete, manifest):
    for none in ({}, {"edges": {}}):
        assert "By how much was not measured." in card.render(manifest, complete | none)
    edges = {"images": 7, "edge": {"mean": 1.25, "sd": 0.5}, "away": {"mean": 0.04, "sd": 0.1}}
    text = " ".join(card.render(manifest, complete | {"edges": edges}).split())
    assert "On 7 training images the outermost cells stand 1.2 higher (sd 0.5;" in text
    assert "cells further in 0.04" in text


def reached(manifest, results: dict) -> dict[str, bool]:
    return {row.figure: row.reached for row in goals.rows(manifest, results)}


def test_a_goal_is_reached_by_the_figure_and_not_by_how_it_is_rounded(manifest, results):
    changed = json.loads(json.dumps(results))
    scores = changed["scores"]["int8"]
    for found, wanted in ((0.8696, False), (0.87, True)):
        scores["patient_score"]["mean"] = found
        assert reached(manifest, changed)["Patient score"] is wanted
    for found, wanted in ((0.0504, False), (0.05, True)):
        scores["ece"]["mean"] = found
        assert reached(manifest, changed)["Expected calibration error"] is wanted


def test_the_goal_of_verdicts_needs_both_of_what_is_familiar(manifest, results):
    changed = json.loads(json.dumps(results))
    title = "Right among what is not left open, patients weighing the same"
    kept = changed["calibration"]["abstention"]["familiar"]["at_threshold"]
    for accuracy, coverage in ((0.91, 0.49), (0.89, 0.51), (0.91, 0.51)):
        kept["patient_accuracy"], kept["patient_coverage"] = accuracy, coverage
        assert reached(manifest, changed)[title] is (accuracy > 0.9 and coverage > 0.5)


def test_lessons_count_in_int8_alone_for_that_is_what_ships(manifest, results):
    changed = json.loads(json.dumps(results))
    title = f"Lesson of {goals.LESSON} on oral mucosa, AUC"
    for network, wanted in (("f32", False), ("int8", True)):
        for row in changed["teaching"]["lessons"]:
            if row["network"] == f"deeper, {network}":
                row["oral"][goals.LESSON][0] = 0.77
        assert reached(manifest, changed)[title] is wanted
    for row in changed["teaching"]["lessons"]:
        del row["oral"][goals.LESSON]
    assert title not in reached(manifest, changed)


def test_the_worst_of_the_lights_decides(manifest, results):
    changed = json.loads(json.dumps(results))
    title = "Labels flipped by brightness -20% or white balance ±10%"
    assert sum((r["kind"], r["setting"]) in goals.LIGHT for r in changed["robustness"]["rows"]) == 3
    assert reached(manifest, changed)[title]
    for row in changed["robustness"]["rows"]:
        if row["setting"] == "cool 10%":
            row["label_flips"] = 0.081
    assert not reached(manifest, changed)[title]


def test_goals_of_familiarity_are_of_oral_fields_of_patients_and_of_the_worst_change(
    manifest, results
):
    changed = json.loads(json.dumps(results))
    familiarity = changed["familiarity"]
    for rows, key in ((familiarity["new_patients"], "change"), (familiarity["others"], "name")):
        for row in rows:
            if "unfamiliar" in row:
                row["unfamiliar"] = 0.98 if row[key].startswith(goals.ORAL) else 0.07
    found = {figure: yes for figure, yes in reached(manifest, changed).items() if "unfam" in figure}
    assert len(found) == 3 and all(found.values())
    for row in familiarity["new_patients"]:
        row["unfamiliar"] += 0.081 * (row["change"] == "white balance cool 10%")
    worse = {figure for figure, yes in reached(manifest, changed).items() if not yes}
    assert worse & found.keys() == {
        "Called unfamiliar: patients left out, changed as by another camera or lamp"
    }


def test_card_tells_whether_the_goal_of_abstention_is_reached(complete, manifest):
    changed = json.loads(json.dumps(complete))
    kept = changed["calibration"]["abstention"]["familiar"]["at_threshold"]
    for accuracy, said in ((0.91, "is reached"), (0.89, "is **not reached**")):
        kept["patient_accuracy"] = accuracy
        text = " ".join(card.render(manifest, changed).split())
        assert f"right with every patient weighing the same, {said}" in text


def test_card_tells_what_is_unfamiliar(complete, manifest):
    assert "## Familiarity" not in card.render(manifest, complete)
    row = {"images": 50, "unfamiliar": 0.123}
    found = {
        "levels": ["b6"],
        "statistics": ["mean", "mean_square"],
        "limits": [{"from_voters": 1, "limit": 1.5}, {"from_voters": 4, "limit": 1.25}],
        "patients": 50,
        "familiar_share": 0.95,
        "new_patients": [{"change": "JPEG quality 50", **row}],
        "few_voters": [{"voters": 1, **row}],
        "others": [
            {"name": "oral", **row, "times_limit": 2.0, "not_assessable": 3},
            {"name": "glass", "images": 5, "not_assessable": 5},
        ],
    }
    text = " ".join(card.render(manifest, complete | {"familiarity": found}).split())
    assert "means and mean squares of b6" in text
    assert "1.50 for 1, 1.25 for 4 and more" in text
    for line in ("| JPEG quality 50 | 50 | 12.3% |", "| oral | 50 | 12.3% | 2.0 | 3 |"):
        assert line in text
    assert "| glass | 5 | | | 5 |" in text


def test_committed_plots_follow_from_the_results(results, models_folder):
    for name, content in plots.draw(results).items():
        assert (models_folder / plots.FOLDER / name).read_text() == content, name


def test_refresh_takes_the_predictions_of_this_model_alone(
    tmp_path, manifest, results, complete, capsys
):
    out, work = tmp_path / "models", tmp_path / "work"
    out.mkdir()
    (out / "histoscope-v0.json").write_text(json.dumps(manifest))
    (out / "metrics.json").write_text(json.dumps(complete))
    report.refresh(out, work)
    assert "no predictions" in capsys.readouterr().out
    assert (out / "metrics.json").read_text() == json.dumps(complete, indent=1) + "\n"

    better = [
        dataclasses.replace(run, logits={n: 9 * x for n, x in run.logits.items()}) for run in RUNS
    ]
    predictions = dataclasses.replace(invented_predictions(), runs=better)
    predictions.keep(work, manifest)
    report.refresh(out, work)
    renewed, found = report.read(out)
    assert found["calibration"]["temperature"] != complete["calibration"]["temperature"]
    assert renewed["calibration"]["temperature"] == found["calibration"]["temperature"]
    assert renewed["variants"] == manifest["variants"]
    assert found["learning_curve"] == complete["learning_curve"]
    assert (out / "MODEL_CARD.md").read_text() == card.render(renewed, found)


def test_learning_curve_trains_on_patients_of_the_other_folds_alone():
    seen = []

    def predict(training: np.ndarray) -> np.ndarray:
        seen.append(training)
        return np.zeros((len(CASES.owner), 2))

    folds = {run.seed: run.folds for run in RUNS}
    counts = learning_curve.counts(CASES, shares=(0.4, 1.0))
    points = [learning_curve.point(CASES, folds, predict, count) for count in counts]
    curve = learning_curve.curve(points)
    assert [point["patients"] for point in curve["points"]] == [10, 24]
    assert len(seen) == 2 * learning_curve.DRAWS * len(RUNS) * FOLDS
    for place, training in enumerate(seen):
        fold_of = CASES.fold_of(RUNS[place // (learning_curve.DRAWS * FOLDS) % len(RUNS)].folds)
        assert not (fold_of[training] == place % FOLDS).any()
        assert set(CASES.labels[training]) == {0, 1}
        patients = set(CASES.patients[training])
        # A patient is taken with all images.
        assert len(training) == np.isin(CASES.patients, list(patients)).sum()
        assert len(patients) == 10 or place >= len(seen) // 2


def test_power_law_is_found_again():
    fit = invented_curve()["fits"]["auc"]
    assert (fit["a"], fit["b"]) == (pytest.approx(0.8), pytest.approx(0.3))
    assert fit["foreseen"] == pytest.approx(1 - 0.8 * learning_curve.FORESEEN**-0.3)
