"""Images observed as the app would: screened, averaged over voters, kept on disk."""

import numpy as np
import pytest
from models.train.data.synthetic import tissue_patch
from models.train.familiarity.examples import EXAMPLES, SPOILT
from models.train.familiarity.observed import CHANGES, HARMLESS, Observer, observe
from PIL import Image


@pytest.fixture(scope="module")
def observer(manifest, models_folder, tmp_path_factory) -> Observer:
    model = (models_folder / manifest["variants"]["int8"]["file"]).read_bytes()
    return Observer(model, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def images() -> list[np.ndarray]:
    """Two patches of tissue side by side, and the same with one of glass beside them."""
    glass = np.full((224, 224, 3), 245, np.uint8)
    tissue = [tissue_patch(seed, 60, 0.2) for seed in range(4)]
    return [np.concatenate(tissue[:2], axis=1), np.concatenate([*tissue[2:], glass], axis=1)]


def test_only_voters_count(observer, images):
    found = observe(observer.taps, images)
    assert found.owner.tolist() == [0, 0, 1, 1, 1]
    assert found.votes.tolist() == [True, True, True, True, False]
    pair = np.stack([images[1][:, :224], images[1][:, 224:448]])
    alone = observer.taps.features(pair).astype(float).mean(0)
    np.testing.assert_allclose(found.means()[1], alone, rtol=1e-6)
    unscreened = observer.unscreened(images)
    assert unscreened.counts().tolist() == [2, 3]


def test_an_image_without_voters_has_no_features(observer):
    found = observe(observer.taps, [np.full((224, 224, 3), 245, np.uint8)])
    assert found.counts().tolist() == [0]
    assert np.isnan(found.means()).all()


def test_files_are_observed_once_and_change_by_change(observer, images, tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path, pixels in zip(paths, images, strict=True):
        Image.fromarray(pixels).save(path)
    plain = observer.files(paths)
    np.testing.assert_array_equal(plain.means(), observe(observer.taps, images).means())
    again = Observer(b"", observer.store.folder)
    again._key = observer._key  # the same model, which it can only know from the store
    np.testing.assert_array_equal(again.files(paths).means(), plain.means())
    dim = observer.files(paths, "brightness -20%")
    assert np.abs(dim.means() - plain.means()).max() > 0.01


def test_every_harmless_change_is_one_of_the_robustness_table():
    assert set(HARMLESS) <= set(CHANGES)


def test_spoilt_examples_are_made_of_the_pictures(pictures):
    made = {kind: example(pictures[:2]) for kind, example in EXAMPLES.items()}
    assert all(len(images) == 2 for kind, images in made.items() if "pictures" in kind)
    assert len(SPOILT) == sum("," in kind and "pictures" in kind for kind in EXAMPLES)
    for images in made.values():
        assert all(pixels.dtype == np.uint8 and min(pixels.shape[:2]) >= 224 for pixels in images)
