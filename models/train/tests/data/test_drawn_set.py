"""The drawn BreaKHis_v1: as many pictures as the real one has, and found as the real one is."""

from collections import Counter

import numpy as np
from models.train.data import drawn_set
from models.train.data.pictures import find_pictures, parse_name, patch_corners, read_rgb


def test_the_set_is_as_large_as_the_real_one():
    planned = list(drawn_set.plan())
    pictures = [parse_name(one.path) for one in planned]
    assert len({one.path for one in planned}) == len(planned) == 7909
    assert Counter(picture.label for picture in pictures) == {0: 2480, 1: 5429}
    by_magnification = Counter((picture.label, picture.magnification) for picture in pictures)
    assert [by_magnification[0, m] for m in drawn_set.MAGNIFICATIONS] == [625, 644, 623, 588]
    assert [by_magnification[1, m] for m in drawn_set.MAGNIFICATIONS] == [1370, 1437, 1390, 1232]
    patients = {picture.patient: picture.label for picture in pictures}
    assert Counter(patients.values()) == {0: 24, 1: 58}
    for one, picture in zip(planned, pictures, strict=True):
        assert (one.label, str(one.patient)) == (picture.label, picture.patient)


def test_what_is_drawn_is_found_again(tmp_path):
    planned = [one for one in drawn_set.plan() if one.patient in (1001, 1082)]
    some = planned[:4] + planned[-3:]
    assert drawn_set.make(tmp_path, iter(some)) == 7
    found = find_pictures(tmp_path / "BreaKHis_v1")
    assert sorted(p.path for p in found) == sorted(tmp_path / one.path for one in some)
    assert [picture.label for picture in found] == [0] * 4 + [1] * 3
    images = [read_rgb(picture.path) for picture in found]
    assert {len(patch_corners(image.shape[1], image.shape[0])) for image in images} == {6}
    # Two fields a patient take turns; no two patients share one.
    assert (images[0] == images[2]).all() and (images[0] != images[1]).any()
    assert np.mean(images[0]) > np.mean(images[-1])
    before = {picture.path: picture.path.stat().st_mtime_ns for picture in found}
    drawn_set.make(tmp_path, iter(some))
    assert before == {picture.path: picture.path.stat().st_mtime_ns for picture in found}
