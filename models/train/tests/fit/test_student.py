"""Teacher and student; skipped where only requirements-test.txt is installed."""

import numpy as np
import pytest
from models.train.data.synthetic import tissue_patch
from models.train.network.architecture import Cut, map_name
from models.train.network.runtime import session, with_outputs

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.fit.crops import FROZEN  # noqa: E402 (needs PyTorch)
from models.train.fit.student import Student, Training, train_student  # noqa: E402
from models.train.fit.teacher import Teacher  # noqa: E402
from models.train.network.export import export_f32  # noqa: E402
from models.train.network.lite0 import Lite0  # noqa: E402

CUT = Cut.parse("b6")
LEVELS = (Cut.parse("b6"), Cut.parse("b10"))


def maps_of(patches: np.ndarray) -> np.ndarray:
    head = np.zeros((2, CUT.features), np.float32), np.zeros(2, np.float32)
    model = with_outputs(export_f32(Lite0(CUT).folded(*head)), [map_name(FROZEN)])
    return session(model).run(None, {"image": patches})[0].astype(np.float16)


def start() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    weight = random.normal(0, 0.1, (2, CUT.features)).astype(np.float32)
    return weight, np.float32([0.2, -0.2])


def logits(network, patches: np.ndarray) -> np.ndarray:
    return session(export_f32(network)).run(["logits"], {"image": patches})[0]


@pytest.fixture(scope="module")
def patches() -> np.ndarray:
    return np.stack([tissue_patch(seed, 10 + 10 * (seed % 2), 0.2) for seed in range(8)])


def test_an_untrained_student_is_the_frozen_network(patches):
    maps = torch.from_numpy(maps_of(patches).astype(np.float32))
    backbone = Lite0(CUT)
    with torch.inference_mode():
        found = Student(backbone, FROZEN, *start())(maps).numpy()
    np.testing.assert_allclose(found, logits(backbone.folded(*start()), patches), atol=2e-2)


def test_a_student_learns_what_the_teacher_says_and_keeps_it_when_folded(patches):
    maps = maps_of(patches)
    targets = np.float32([[1, -1], [-1, 1]] * 4)
    groups = [np.arange(0, 8, 2), np.arange(1, 8, 2)]
    training = Training(steps=30, crops=8, rate=2e-3, head_rate=1e-2, average=0.8)
    network = train_student(CUT, FROZEN, start(), maps, targets, groups, training, seed=1)
    found = logits(network, patches)
    assert (found.argmax(1) == targets.argmax(1)).all()
    # The frozen blocks stay as they were.
    before = {layer.name: layer for layer in Lite0(CUT).folded(*start()).convolutions()}
    for layer in network.convolutions():
        same = np.array_equal(layer.weight, before[layer.name].weight)
        frozen = layer.name == "stem" or layer.name[:6] in {f"block{i}" for i in range(5)}
        assert same == frozen, layer.name


def test_a_training_is_the_same_every_time(patches):
    maps = maps_of(patches[:4])
    targets = np.float32([[1, -1], [-1, 1]] * 2)
    groups = [np.array([0, 2]), np.array([1, 3])]
    once, again = (
        train_student(CUT, FROZEN, start(), maps, targets, groups, Training(3, crops=4), seed=1)
        for _ in range(2)
    )
    for left, right in zip(once.convolutions(), again.convolutions(), strict=True):
        np.testing.assert_allclose(left.weight, right.weight, atol=1e-6)


def test_a_teacher_is_the_mean_of_its_heads():
    random = np.random.default_rng(3)
    labels, weights = np.array([0, 1] * 20), np.ones(40)
    plain, normalised = (
        {cut: random.normal(labels[:, None], 1, (40, 5)).astype(np.float32) for cut in LEVELS}
        for _ in range(2)
    )
    teacher = Teacher.fit(plain, normalised, labels, weights, 1e-2)
    found = teacher.logits(plain, normalised)
    assert found.shape == (40, 2) and found.dtype == np.float32
    single = [
        values[cut] @ heads[cut][0].T + heads[cut][1]
        for values, heads in ((plain, teacher.plain), (normalised, teacher.normalised))
        for cut in LEVELS
    ]
    np.testing.assert_allclose(found, np.mean(single, 0), atol=1e-6)
    assert ((found[:, 1] > found[:, 0]) == (labels == 1)).mean() > 0.9
