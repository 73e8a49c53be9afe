"""Temperature and abstention: cross-fitted, by patient, and never better than they are."""

import dataclasses

import numpy as np
import pytest
from models.train.data.split import FOLDS
from models.train.evaluate import confidence
from models.train.evaluate.cases import OutOfFold
from models.train.evaluate.confidence import NONE_KEPT, Rule, Verdicts

from ..invented import invent, usual


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
    rule = Rule(accuracy=0.95)

    def threshold(runs) -> float:
        temperatures = confidence.fit_temperatures(cases, runs)
        return confidence.cross_fitted_thresholds(rule, cases, runs, temperatures)[0, fold]

    assert threshold(runs) == threshold(with_fold_changed(cases, runs, fold, -3.0)) < NONE_KEPT


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


def test_rule_takes_the_lowest_threshold_that_fulfils_it():
    found = verdicts([0.55, 0.65, 0.75, 0.85, 0.95], [False, True, False, True, True], range(5))
    everyone = np.ones(5, bool)
    assert Rule(accuracy=1.0).threshold(found, everyone) == 0.76
    assert Rule(accuracy=0.75).threshold(found, everyone) == 0.56
    assert Rule(gain=0.15).threshold(found, everyone) == 0.56
    assert Rule(gain=0.5).threshold(found, everyone) is None
    wrong = dataclasses.replace(found, right=np.zeros((1, 5), bool))
    assert Rule(accuracy=0.5).threshold(wrong, everyone) is None


def test_rule_about_what_is_refused_takes_the_highest_threshold():
    """Below 0.8 one of two is right, above all are."""
    confidences = [0.52, 0.58, 0.64, 0.70, 0.76, 0.79, 0.85, 0.88, 0.91, 0.94]
    right = [True, False] * 3 + [True] * 4
    found, everyone = verdicts(confidences, right, range(10)), np.ones(10, bool)
    assert Rule(gain=0.03, refused=0.6).threshold(found, everyone) == 0.88
    assert Rule(gain=0.03, refused=0.6, coverage=0.6).threshold(found, everyone) == 0.76
    assert Rule(gain=0.03, refused=0.6, coverage=0.95).threshold(found, everyone) is None
    always = dataclasses.replace(found, right=np.ones((1, 10), bool))
    assert Rule(gain=0.03, refused=0.6).threshold(always, everyone) is None


def test_rule_needs_patients_and_images():
    """95 % of the images are right, but one of two patients is wrong throughout."""
    right = [True] * 19 + [False]
    found = verdicts([0.9] * 20, right, [0] * 19 + [1])
    assert Rule(accuracy=0.95).threshold(found, np.ones(20, bool)) is None


def test_abstention_of_a_good_model_reaches_the_target():
    cases, runs = usual(skill=2.0)
    found, _ = confidence.assess(cases, runs)
    refusal = found["abstention"]
    assert refusal["target_reached"] and refusal["rule"]["accuracy"] == confidence.TARGET
    kept = refusal["at_threshold"]
    assert min(kept["accuracy"], kept["patient_accuracy"]) >= confidence.TARGET
    assert kept["coverage"] >= confidence.LEAST_COVERAGE
    low, high = kept["accuracy_interval"]
    assert low <= kept["accuracy"] <= high
    assert found["uncertain_below"] == refusal["uncertain_below"]


def test_abstention_falls_back_and_says_so():
    cases, runs = invent([8] * 60, benign=30, skill=0.6)
    refusal = confidence.assess(cases, runs)[0]["abstention"]
    assert not refusal["target_reached"]
    assert [entry["holds"] for entry in refusal["tried"][:-1]] == [False] * (
        len(refusal["tried"]) - 1
    )
    assert refusal["uncertain_below"] is not None
    assert refusal["at_threshold"]["accuracy"] > refusal["without"]["accuracy"]


def test_a_model_that_guesses_does_not_abstain_by_luck():
    cases, runs = usual(skill=0.0)
    refusal = confidence.assess(cases, runs)[0]["abstention"]
    assert refusal["uncertain_below"] is None and refusal["at_threshold"] is None


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
