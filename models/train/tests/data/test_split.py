"""No patient is on both sides of any fold, and every fold can be scored."""

from pathlib import Path

import pytest
from models.train.data import split
from models.train.data.pictures import Picture, parse_name


def invented() -> list[Picture]:
    return [
        Picture(
            Path(f"{patient}-{sequence}"), int(patient >= 12), "DC", str(patient), 100, sequence
        )
        for patient in range(40)
        for sequence in range(1 + patient % 7)
    ]


def check(pictures: list[Picture], folds: split.Folds) -> None:
    tested = []
    for fold in range(split.FOLDS):
        inside, outside = split.sides(pictures, folds, fold)
        train = {pictures[i].patient for i in inside}
        test = {pictures[i].patient for i in outside}
        assert not train & test
        assert {pictures[i].label for i in outside} == {0, 1}
        assert len(inside) + len(outside) == len(pictures)
        tested += list(outside)
    assert sorted(tested) == list(range(len(pictures)))


@pytest.mark.parametrize("seed", [0, 1, 17])
def test_fresh_folds_are_by_patient_and_stratified(seed):
    check(invented(), split.make_folds(invented(), seed))


def test_folds_depend_on_the_seed_alone():
    assert split.make_folds(invented(), 3) == split.make_folds(invented(), 3)
    assert split.make_folds(invented(), 3) != split.make_folds(invented(), 4)


def test_committed_folds_name_each_patient_once():
    for folds in split.read_folds(split.FILE).values():
        assert set(folds.values()) == set(range(split.FOLDS))
        assert all(patient.isdigit() for patient in folds)  # no slide letters: one person, one key


def test_committed_folds_are_made_again_from_the_patients_of_the_shipped_model(results):
    pictures = [
        Picture(Path(f"{row['patient']}-{i}"), row["label"], "", row["patient"], 100, i)
        for row in results["by_patient"]
        for i in range(row["images"])
    ]
    stored = split.read_folds(split.FILE)
    assert split.load_folds(pictures) == stored
    for seed, folds in stored.items():
        assert folds == split.make_folds(pictures, seed)


def test_committed_folds_hold_for_the_real_pictures_of_their_patients(pictures):
    """The data may grow after a release: other patients are in no fold."""
    for folds in split.read_folds(split.FILE).values():
        known = [picture for picture in pictures if picture.patient in folds]
        assert {picture.patient for picture in known} == set(folds)
        check(known, folds)


def test_real_pictures_of_new_patients_get_folds_of_their_own(pictures):
    for folds in split.load_folds(pictures).values():
        check(pictures, folds)


def test_patients_agree_with_the_index(breakhis):
    index = breakhis / "index.tsv"
    if not index.exists():
        pytest.skip(f"NO INDEX: {index} is absent (our subset has it), so this was not tested")
    header, *lines = index.read_text().splitlines()
    for line in lines:
        row = dict(zip(header.split("\t"), line.split("\t"), strict=True))
        found = parse_name(Path(row["file"]))
        assert (found.patient, found.magnification) == (row["patient"], int(row["magnification"]))
        assert ("benign", "malignant")[found.label] == row["label"]
