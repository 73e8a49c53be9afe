"""Patches of all pictures, in memory and in a file."""

import numpy as np
import pytest
from models.train.data import dataset
from models.train.data.dataset import Dataset
from models.train.data.pictures import cut_patches
from PIL import Image


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    for name, size in (
        ("SOB_B_A-14-22549AB-100-001", (230, 460)),
        ("SOB_M_DC-14-2-40-001", (224, 224)),
    ):
        pixels = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return tmp_path


def test_patches_in_a_file_are_those_in_memory_and_are_cut_once(folder, monkeypatch):
    cut = []
    monkeypatch.setattr(dataset, "cut_patches", lambda x: cut.append(1) or cut_patches(x))
    memory = Dataset.load(folder)
    assert memory.owner.tolist() == [0, 0, 1] and len(cut) == 2
    for _ in range(2):
        kept = Dataset.load(folder, folder / "work")
        assert isinstance(kept.patches, np.memmap)
        np.testing.assert_array_equal(kept.patches, memory.patches)
        for left, right in zip(kept.batches(kept.owner), memory.batches(memory.owner), strict=True):
            assert type(left) is np.ndarray
            np.testing.assert_array_equal(left, right)
    assert len(cut) == 4
    Image.new("RGB", (300, 224)).save(folder / "SOB_M_DC-14-2-40-001.png")
    assert not Dataset.load(folder, folder / "work").patches[2].any()


def test_what_was_interrupted_is_not_taken_for_all(folder, monkeypatch):
    def stop(_path):
        raise KeyboardInterrupt

    monkeypatch.setattr(dataset, "read_rgb", stop)
    with pytest.raises(KeyboardInterrupt):
        Dataset.load(folder, folder / "work")
    monkeypatch.undo()
    assert Dataset.load(folder, folder / "work").patches.any(axis=(1, 2, 3)).all()


def test_a_run_of_patches_is_read_when_it_is_wanted(folder, monkeypatch):
    monkeypatch.setattr(dataset, "BATCH", 2)
    memory = Dataset.load(folder)
    read = []

    class Patches:
        def __getitem__(self, places):
            read.append(len(places))
            return memory.patches[places]

    runs = Dataset(memory.pictures, Patches(), memory.owner).batches(np.arange(3))
    assert not read
    np.testing.assert_array_equal(next(runs), memory.patches[:2])
    assert read == [2]
    assert [len(run) for run in runs] == [1]
