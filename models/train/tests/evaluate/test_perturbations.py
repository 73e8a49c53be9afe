"""Perturbations do what their strength says, nothing at zero strength, and the same every time."""

from pathlib import Path

import numpy as np
import pytest
from models.train.data.pictures import Picture, parse_name
from models.train.data.synthetic import tissue_patch
from models.train.evaluate import metrics, perturbations, robustness
from models.train.evaluate.perturbations import PERTURBATIONS, PLAIN

IMAGE = np.concatenate([tissue_patch(1, 40, 0.2), tissue_patch(2, 80, 0.1)], axis=1)


@pytest.mark.parametrize(
    "unchanged",
    [
        perturbations.brightness(IMAGE, 1),
        perturbations.contrast(IMAGE, 1),
        perturbations.gamma(IMAGE, 1),
        perturbations.hue(IMAGE, 0),
        perturbations.hue(IMAGE, 360),
        perturbations.saturation(IMAGE, 1),
        perturbations.white_balance(IMAGE, 0),
        perturbations.stain(IMAGE),
        perturbations.resample(IMAGE, 1),
        perturbations.blur(IMAGE, 0),
        perturbations.noise(IMAGE, 0, seed=1),
    ],
    ids=lambda _: "",
)
def test_zero_strength_changes_nothing(unchanged):
    assert np.array_equal(unchanged, IMAGE)


@pytest.mark.parametrize("change", PERTURBATIONS, ids=lambda change: change.name)
def test_each_is_deterministic_and_changes_the_image(change):
    kept = IMAGE.copy()
    first, again = (change.apply(IMAGE, 5) for _ in range(2))
    assert first.dtype == np.uint8 and first.shape[2] == 3
    assert np.array_equal(first, again)
    assert np.array_equal(IMAGE, kept)
    if change.name == PLAIN:
        assert np.array_equal(first, IMAGE)
    elif first.shape == IMAGE.shape:
        assert np.abs(first.astype(int) - IMAGE).mean() > 0.3


def test_names_are_distinct_and_start_with_plain():
    names = [change.name for change in PERTURBATIONS]
    assert names[0] == PLAIN and len(set(names)) == len(names)


def test_each_goes_its_way():
    grey = IMAGE.mean()
    assert perturbations.brightness(IMAGE, 0.8).mean() == pytest.approx(0.8 * grey, rel=0.01)
    assert perturbations.gamma(IMAGE, 0.7).mean() > grey > perturbations.gamma(IMAGE, 1.4).mean()
    assert perturbations.contrast(IMAGE, 0.7).std() < IMAGE.std()
    warm = perturbations.white_balance(IMAGE, 0.1).astype(int) - IMAGE
    assert warm[..., 0].mean() > 0 > warm[..., 2].mean() and not warm[..., 1].any()
    assert perturbations.stain(IMAGE, haematoxylin=1.4).mean() < grey
    assert perturbations.stain(IMAGE, eosin=0.7).mean() > grey
    assert np.ptp(perturbations.saturation(IMAGE, 0).astype(int), axis=2).max() == 0
    noise = perturbations.noise(np.full_like(IMAGE, 128), 5, seed=3).astype(float)
    assert noise.std() == pytest.approx(5, rel=0.05)
    assert perturbations.resample(IMAGE, 1.4).shape == (314, 627, 3)


def test_images_are_never_smaller_than_a_patch():
    assert perturbations.resample(IMAGE, 0.7).shape == (224, 314, 3)


def test_hue_keeps_grey_and_turns_red_towards_green():
    assert np.array_equal(perturbations.hue(np.full((1, 1, 3), 90, np.uint8), 40)[0, 0], [90] * 3)
    red = np.array([[[200, 0, 0]]], np.uint8)
    np.testing.assert_array_equal(perturbations.hue(red, 120)[0, 0], [0, 200, 0])


def pictures(counts: dict[tuple[str, str], int]) -> list[Picture]:
    """`counts`: how many pictures of each (B or M, patient)."""
    return [
        parse_name(Path(f"SOB_{kind}_DC-14-{patient}-100-{sequence:03}.png"))
        for (kind, patient), count in counts.items()
        for sequence in range(1, count + 1)
    ]


def test_sample_takes_a_few_of_each_patient_evenly():
    listed = pictures({("B", "1"): 81, ("M", "2"): 2})
    chosen = robustness.sample(listed)
    most = robustness.IMAGES_A_PATIENT
    assert [listed[i].patient for i in chosen] == ["1"] * most + ["2"] * 2
    assert np.diff(chosen[:most]).min() >= 81 // most


def test_table_counts_flips_and_changes():
    listed = pictures({("B", "1"): 2, ("M", "2"): 2})
    p = {change.name: [0.1, 0.2, 0.8, 0.9] for change in PERTURBATIONS}
    p["mirror"] = [0.1, 0.6, 0.8, 0.9]
    logits = {
        name: [np.array([[0.0, np.log(q / (1 - q))]] * 2) for q in values]
        for name, values in p.items()
    }
    table = robustness.table(listed, logits, temperature=1.0)
    rows = {f"{row['kind']} {row['setting']}".strip(): row for row in table["rows"]}
    assert table["images"] == 4 and table["patients"] == 2
    assert rows["plain"]["label_flips"] == 0 and rows["plain"]["auc"] == 1
    assert rows["turn 90°"]["auc_change"] == 0
    mirror = rows["mirror"]
    assert mirror["label_flips"] == 0.25 and mirror["flipped"] == 1
    # One patient of each label: every draw is the same.
    assert mirror["label_flips_interval"] == pytest.approx([0.25, 0.25])
    assert mirror["mean_probability_change"] == pytest.approx(0.1)
    right = np.array([True, False, True, True])
    wanted = metrics.balanced_accuracy(right, np.array([0, 0, 1, 1])) - 1
    assert mirror["balanced_accuracy_change"] == pytest.approx(wanted)
    assert mirror["patient_score_change"] == pytest.approx(-0.25)


def test_folds_are_joined_in_order():
    a, b, c = (np.full((1, 2), value) for value in (1.0, 2.0, 3.0))
    joined = robustness.join([{"plain": [a]}, {"plain": [b, c]}])
    assert [float(x[0, 0]) for x in joined["plain"]] == [1, 2, 3]
