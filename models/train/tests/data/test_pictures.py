"""Names, sampling and weights of pictures, without any picture."""

from pathlib import Path

import numpy as np
import pytest
from models.train.data.pictures import (
    Picture,
    drop_doubles,
    find_pictures,
    parse_name,
    patch_corners,
    patient_weights,
    sample_evenly,
)
from PIL import Image


def picture(patient: str, label: int, sequence: int = 1) -> Picture:
    return Picture(Path(f"{patient}-{sequence}"), label, "DC", patient, 100, sequence)


def test_name_gives_label_and_patient_without_slide_letters():
    found = parse_name(Path("SOB_B_TA-14-22549AB-40-012.png"))
    assert (found.label, found.subtype, found.patient) == (0, "TA", "22549")
    assert (found.magnification, found.sequence) == (40, 12)
    assert parse_name(Path("SOB_M_DC-14-13412-100-003.webp")).label == 1


@pytest.mark.parametrize("name", ["photo.png", "SOB_X_DC-14-2-100-003.png", "SOB_M_DC-14.png"])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="not a BreakHis file name"):
        parse_name(Path(name))


@pytest.mark.parametrize(
    ("width", "height", "corners"),
    [
        (223, 500, []),
        (224, 224, [(0, 0)]),
        (447, 448, [(0, 0), (0, 224)]),
        (700, 460, [(0, 0), (224, 0), (448, 0), (0, 224), (224, 224), (448, 224)]),
    ],
)
def test_patches_are_row_major_and_the_remainder_is_dropped(width, height, corners):
    assert patch_corners(width, height) == corners


def test_even_sampling_is_floor_of_i_n_over_m():
    assert sample_evenly(25, 25) == list(range(25))
    assert sample_evenly(26, 25) == list(range(25))
    assert sample_evenly(100, 25) == list(range(0, 100, 4))
    assert sample_evenly(7, 3) == [0, 2, 4]


def test_patients_and_labels_weigh_the_same():
    pictures = [picture("1", 0, s) for s in range(9)] + [picture("2", 0), picture("3", 1)]
    weights = patient_weights(pictures)
    assert weights.sum() == pytest.approx(len(pictures))
    assert weights[:9].sum() == pytest.approx(weights[9])
    assert weights[:10].sum() == pytest.approx(weights[10])


def save(folder: Path, name: str, value: int) -> None:
    pixels = np.full((230, 230, 3), value, np.uint8)
    path = folder / "histology_slides" / "breast" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def test_full_data_set_layout_is_walked_and_doubles_are_dropped(tmp_path):
    save(tmp_path, "SOB_M_DC-14-13412-100-003.png", 7)
    save(tmp_path, "SOB_M_LC-14-13412-100-003.png", 7)  # the same picture, filed twice
    save(tmp_path, "SOB_M_LC-14-13412-100-004.png", 7)  # the same pixels, another picture
    save(tmp_path, "SOB_B_A-14-22549AB-100-003.png", 9)
    names = [found.path.name for found in find_pictures(tmp_path)]
    assert names == [
        "SOB_B_A-14-22549AB-100-003.png",
        "SOB_M_DC-14-13412-100-003.png",
        "SOB_M_LC-14-13412-100-004.png",
    ]


def test_of_a_field_stored_twice_the_larger_picture_is_kept(tmp_path):
    """The subset has one such field: 500x328 in one format and 700x460 in the other."""
    scene = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    field = Image.fromarray(scene).resize((300, 240), Image.Resampling.BICUBIC)
    field.save(tmp_path / "SOB_M_LC-14-13412-100-030.png")
    reduced = field.resize((250, 200), Image.Resampling.LANCZOS)
    reduced.save(tmp_path / "SOB_M_DC-14-13412-100-030.jpg", quality=90)
    other = Image.fromarray(scene[::-1]).resize((300, 240), Image.Resampling.BICUBIC)
    other.save(tmp_path / "SOB_M_PC-14-13412-100-030.png")
    names = (
        "SOB_M_LC-14-13412-100-030.png",
        "SOB_M_DC-14-13412-100-030.jpg",
        "SOB_M_PC-14-13412-100-030.png",
    )
    pictures = [parse_name(tmp_path / name) for name in names]
    for order in (pictures, pictures[::-1]):
        kept = {picture.path.name for picture in drop_doubles(order)}
        assert kept == {names[0], names[2]}


def test_a_folder_without_pictures_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        find_pictures(tmp_path)
