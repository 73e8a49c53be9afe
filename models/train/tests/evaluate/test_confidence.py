"""Temperature and abstention: cross-fitted, by patient, and never better than they are."""

import dataclasses

import numpy as np
import pytest
from models.train.data.split import FOLDS
from models.train.evaluate import confidence
from models.train.evaluate.cases import OutOfFold
from models.train.evaluate.confidence import Verdicts

from ..invented import usual


def test_a_model_that_is_too_sure_is_cooled_and_gets_better():
    cases, runs = usual(sharpness=5.0)
    found, temperatures = confidence.assess(cases, runs)
    assert found["temperature"] == round(temperatures.shipped, 4) > 2
    for name in ("ece", "nll", "nll_by_patient"):
        assert found["after"][name] < found["before"][name]


def test_a_temperature_that_does_not_help_is_not_shipped(monkeypatch):
    cases, runs = usual()
    bad = confidence.Temperatures(8.0, np.full((len(runs), FOLDS), 8.0))
    monkeypatch.setattr(confidence, "fit_temperatures", lambda *_: bad)
    found, temperatures = confidence.assess(cases, runs)
    assert found["temperature"] == 1 and found["fitted_temperature"] == 8
    assert (temperatures.by_fold == 1).all()


def with_fold_changed(cases, runs: list[OutOfFold], fold: int, factor: float) -> list[OutOfFold]:
    """The logits of one fold of the first run multiplied, and those of its patients in the others.

    Its labels are turned round with a negative factor: whoever looks at them notices.
    """
    rows = (cases.fold_of(runs[0].folds) == fold)[cases.owner][:, None]
    return [
        dataclasses.replace(
            run, logits={name: np.where(rows, factor * x, x) for name, x in run.logits.items()}
        )
        for run in runs
    ]


@pytest.mark.parametrize("fold", range(FOLDS))
def test_temperature_of_a_fold_does_not_look_at_its_patients(fold):
    cases, runs = usual(sharpness=3.0)
    before = confidence.fit_temperatures(cases, runs)
    after = confidence.fit_temperatures(cases, with_fold_changed(cases, runs, fold, -3.0))
    assert after.by_fold[0, fold] == before.by_fold[0, fold]
    assert after.shipped != before.shipped


@pytest.mark.parametrize("fold", range(FOLDS))
def test_threshold_of_a_fold_does_not_look_at_its_patients(fold):
    cases, runs = usual(sharpness=0.5, skill=1.2)

    def threshold(runs) -> float:
        temperatures = confidence.fit_temperatures(cases, runs)
        return confidence.cross_fitted_thresholds(cases, runs, temperatures)[0, fold]

    assert threshold(runs) == threshold(with_fold_changed(cases, runs, fold, -3.0))


def test_each_image_is_scaled_with_the_temperature_of_its_fold():
    cases, runs = usual()
    temperatures = confidence.Temperatures(1.0, np.arange(1.0, 11).reshape(2, FOLDS))
    for row, run in enumerate(runs):
        p = temperatures.apply(cases, runs, "int8")[row]
        for fold in range(FOLDS):
            rows = cases.fold_of(run.folds) == fold
            alone = confidence.image_probabilities(
                cases, run.logits["int8"], temperatures.by_fold[row, fold]
            )
            np.testing.assert_allclose(p[rows], alone[rows])


def verdicts(confidences: list[float], right: list[bool], patients: list[int]) -> Verdicts:
    weights = 1 / np.bincount(patients)[patients]
    return Verdicts(np.array([confidences]), np.array([right]), weights)


def test_kept_images_weigh_the_same_or_their_patients_do():
    # Patient 0 has three images, one of them wrong; patient 1 has one, which is right.
    found = verdicts([0.9, 0.8, 0.7, 0.6], [True, False, True, True], [0, 0, 0, 1])
    assert found.kept(found.confidence >= 0.65) == {
        "coverage": 0.75,
        "patient_coverage": pytest.approx(0.5),
        "accuracy": pytest.approx(2 / 3),
        "patient_accuracy": pytest.approx(2 / 3),
    }
    everything = found.kept(found.confidence >= 0)
    assert everything["accuracy"] == 0.75
    assert everything["patient_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert found.kept(found.confidence > 1)["accuracy"] is None


def test_threshold_keeps_half_with_patients_weighing_the_same():
    # Patient 0 has four images, patients 1 and 2 one each: 1/12, 1/12, 1/12, 1/12, 1/3, 1/3.
    confidences = [0.95, 0.85, 0.75, 0.65, 0.70, 0.60]
    found = verdicts(confidences, [True] * 6, [0, 0, 0, 0, 1, 2])
    assert confidence.threshold(found, np.ones(6, bool)) == 0.70
    alone = np.array([True] * 4 + [False] * 2)
    assert confidence.threshold(found, alone) == 0.85


def test_abstention_keeps_half_and_what_stays_is_better():
    cases, runs = usual(skill=1.2)
    found, _ = confidence.assess(cases, runs)
    refusal = found["abstention"]
    kept, without = refusal["at_threshold"], refusal["without"]
    assert kept["patient_coverage"] == pytest.approx(confidence.KEPT, abs=0.12)
    assert kept["patient_accuracy"] > without["patient_accuracy"]
    for kind in ("", "patient_"):
        low, high = kept[f"{kind}accuracy_interval"]
        assert low <= kept[f"{kind}accuracy"] <= high
    low, high = refusal["threshold_range"]
    assert low <= found["uncertain_below"] == refusal["uncertain_below"] <= high


def test_unfamiliar_images_are_left_out_before_the_threshold():
    cases, runs = usual(skill=1.2)
    p = confidence.image_probabilities(cases, runs[0].logits["int8"])
    wrong = (p >= 0.5) != (cases.labels == 1)
    plain = confidence.assess(cases, runs)[0]["abstention"]
    refusal = confidence.assess(cases, runs, ~wrong)[0]["abstention"]
    # The threshold and what is told of all images stay what they are.
    assert "familiar" not in plain
    assert {name: refusal[name] for name in plain} == plain
    behind = refusal["familiar"]
    assert behind["without"]["coverage"] == pytest.approx((~wrong).mean())
    assert behind["without"]["coverage"] > behind["at_threshold"]["coverage"]
    assert behind["at_threshold"]["coverage"] < plain["at_threshold"]["coverage"]
    assert behind["at_threshold"]["patient_accuracy"] > plain["at_threshold"]["patient_accuracy"]
    assert behind["coverage_curve"][0]["coverage"] == behind["without"]["coverage"]
    low, high = behind["at_threshold"]["patient_accuracy_interval"]
    assert low <= behind["at_threshold"]["patient_accuracy"] <= high


def test_where_all_is_familiar_nothing_changes():
    cases, runs = usual(skill=1.2)
    found = confidence.assess(cases, runs, np.ones(len(cases), bool))[0]
    behind = dict(found["abstention"]["familiar"])
    assert behind.pop("coverage_curve") == found["coverage_curve"]
    assert behind == {name: found["abstention"][name] for name in behind}


def test_what_is_kept_is_told_of_each_label():
    cases, runs = usual(skill=1.2)
    refusal = confidence.assess(cases, runs)[0]["abstention"]
    shares = [(cases.labels == label).mean() for label in (0, 1)]
    found = [refusal["by_label"][name]["coverage"] for name in ("benign", "malignant")]
    assert np.dot(shares, found) == pytest.approx(refusal["at_threshold"]["coverage"])


def test_curve_starts_with_everything_and_loses_coverage():
    cases, runs = usual()
    curve = confidence.assess(cases, runs)[0]["coverage_curve"]
    assert curve[0]["uncertain_below"] == 0.5 and curve[0]["coverage"] == 1
    steps = np.diff([point["uncertain_below"] for point in curve])
    np.testing.assert_allclose(steps, 0.01, atol=1e-9)
    assert (np.diff([point["coverage"] for point in curve]) <= 0).all()


def test_reliability_table_holds_every_image_and_gives_the_error():
    cases, runs = usual(sharpness=4.0)
    p = confidence.image_probabilities(cases, runs[0].logits["int8"])
    table = confidence.reliability(cases, [p])
    assert len(table) == 15 and sum(row["share"] for row in table) == pytest.approx(1)
    error = sum(
        row["share"] * abs(row["confidence"] - row["accuracy"]) for row in table if row["share"]
    )
    assert error == pytest.approx(confidence.calibration_scores(cases, [p])["ece"])


def test_chance_alone_gives_an_error_that_falls_with_the_images():
    few, many = (
        confidence.ece_by_chance([np.resize(np.linspace(0.02, 0.98, 97), n)])["mean"]
        for n in (200, 20000)
    )
    assert 0.04 < few < 0.12 and many < 0.02
