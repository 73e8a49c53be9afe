"""Lessons that start from a head: from none they are the usual ones; strong penalties keep it."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.experiments import starting
from models.train.experiments.lessons import few, lesson


@pytest.fixture
def images() -> tuple[np.ndarray, np.ndarray]:
    """Features [40, 400] of two classes, of which a few differ, and labels."""
    random = np.random.default_rng(0)
    labels = np.arange(40) % 2
    values = random.normal(0, 1, (40, 400))
    values[:, starting.READ[:5]] += 2 * labels[:, None]
    return values, labels


def test_from_zero_it_is_the_usual_lesson(images):
    values, labels = images
    found = starting.pulled(values, labels, 0.1, np.zeros(400))
    np.testing.assert_allclose(found, lesson(values, labels, 0.1)[:-1], atol=2e-4)


def test_a_strong_penalty_keeps_the_head_and_a_weak_one_leaves_it(images):
    values, labels = images
    head = starting.on_features(np.linspace(-1, 1, 80), 400)
    np.testing.assert_allclose(starting.pulled(values, labels, 1e-9, head), head, atol=1e-6)
    assert np.abs(starting.pulled(values, labels, 10, head) - head).max() > 0.01


def test_the_shipped_head_is_that_of_the_f32_file(int8, manifest, models_folder):
    import onnx
    from onnx import numpy_helper

    f32 = onnx.load(models_folder / manifest["variants"]["f32"]["file"]).graph
    node = next(node for node in f32.node if node.op_type == "Conv" and "head" in node.input[1])
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in f32.initializer}
    benign, malignant = constants[node.input[1]][:, :, 0, 0]
    found = starting.shipped_head(int8.SerializeToString())
    step = np.abs(malignant).max() / 127
    np.testing.assert_allclose(found, malignant - benign, atol=2 * step)


def test_a_good_head_helps_where_there_are_few_images(images):
    values, labels = images
    good = starting.on_features(np.r_[np.full(5, 0.5), np.zeros(75)], 400)
    found = list(starting.rows(values, labels, few(labels), {"a head": lambda _: good}))
    assert [row[0] for row in found[:3]] == ["zero", "50% of a head", "100% of a head"]
    assert len(found) == 3 * len(starting.STRENGTHS)
    alone, _, helped = (float(row[2].split(" ")[0]) for row in found[:3])
    assert helped > alone
