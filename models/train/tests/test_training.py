"""The parts that need PyTorch; skipped where only requirements-test.txt is installed."""

from pathlib import Path

import numpy as np
import pytest
from models.train.architecture import WHOLE, Cut
from models.train.export import export_f32, export_int8
from models.train.quantise import make_range
from models.train.runtime import session, with_outputs
from models.train.synthetic import reference_patches

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train import evaluate  # noqa: E402 (needs PyTorch)
from models.train.bias_correction import correct_biases  # noqa: E402
from models.train.calibrate import calibrate  # noqa: E402
from models.train.data import parse_name  # noqa: E402
from models.train.lite0 import Lite0  # noqa: E402
from models.train.run import spread  # noqa: E402
from models.train.split import FOLDS, make_folds  # noqa: E402
from models.train.store import Store  # noqa: E402
from models.train.train import Dataset  # noqa: E402
from models.train.verify import read_network, torch_logits  # noqa: E402


def network_and_model(name: str):
    """A random network with BatchNorm statistics that folding could get wrong."""
    torch.manual_seed(3)
    model = Lite0(Cut.parse(name), pretrained=False)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.3)
    random = np.random.default_rng(0)
    weight = random.normal(0, 0.2, (2, model.cut.features)).astype(np.float32)
    return model, model.folded(weight, np.float32([0.1, -0.2]))


@pytest.mark.parametrize("name", ["b3", "b4x", "b6"])
def test_folded_network_is_the_model(name):
    model, network = network_and_model(name)
    patches = np.stack(reference_patches()[:2])
    with torch.inference_mode():
        features = model(torch.from_numpy(patches).permute(0, 3, 1, 2))
    assert features.shape[1:] == (model.cut.features, model.cut.map_size, model.cut.map_size)
    head = network.head
    wanted = features.mean((2, 3)).numpy() @ head.weight[:, :, 0, 0].T + head.bias
    np.testing.assert_allclose(torch_logits(network, patches), wanted, atol=1e-4)
    (found,) = session(export_f32(network)).run(["logits"], {"image": patches})
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_cost_of_the_whole_network_is_the_published_one():
    head = np.zeros((2, WHOLE.features), np.float32), np.zeros(2, np.float32)
    network = Lite0(WHOLE, pretrained=False).folded(*head)
    assert network.macs() == pytest.approx(384e6, rel=0.01)
    assert WHOLE.map_size == 7


def test_cross_validation_predicts_each_patient_without_having_seen_it():
    """Every fold's network answers with its fold's number, so the logits tell who predicted."""
    names = [
        f"SOB_{'BM'[patient % 2]}_F-14-{patient}-100-{number:03}"
        for patient in range(10, 22)
        for number in (1, 2)
    ]
    pictures = [parse_name(Path(name)) for name in names]
    patches = np.stack([reference_patches()[i % 6] for i in range(len(pictures))])
    dataset = Dataset(pictures, patches, np.arange(len(pictures)))
    folds = make_folds(pictures, seed=0)
    cut, seen = Cut.parse("b0"), []

    def train(inside: np.ndarray, fold: int):
        seen.append({pictures[index].patient for index in inside})
        assert not any(folds[patient] == fold for patient in seen[-1])
        weight = np.zeros((2, cut.features), np.float32)
        return Lite0(cut, pretrained=False).folded(weight, np.float32([0, fold]))

    run = evaluate.cross_validate(dataset, folds, 0, train, lambda _: None)
    assert len(seen) == len(run.models) == FOLDS
    wanted = [folds[picture.patient] for picture in pictures]
    np.testing.assert_allclose(run.logits["f32"][:, 1], wanted, atol=1e-5)
    np.testing.assert_allclose(run.logits["int8"][:, 1], wanted, atol=0.01)
    for fold, models in enumerate(run.models):
        (found,) = session(models["int8"]).run(["logits"], {"image": patches[:1]})
        assert found[0, 1] == pytest.approx(fold, abs=0.01)


def test_network_is_read_back_from_its_file():
    _, network = network_and_model("b4x")
    found = read_network(export_f32(network))
    assert (found.map_size, found.macs()) == (network.map_size, network.macs())
    assert [layer.name for layer in found.layers] == [layer.name for layer in network.layers]
    patches = np.stack(reference_patches()[:1])
    np.testing.assert_allclose(
        torch_logits(found, patches), torch_logits(network, patches), atol=1e-6
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_tasks_are_spread_over_processes(tmp_path, jobs):
    _, network = network_and_model("b1")
    model, patches = export_f32(network), np.stack(reference_patches()[:1])
    kept = Store(tmp_path)

    def task(number: int):
        return lambda: kept.get(
            "task", str(number), lambda: session(model).run(None, {"image": patches})[0] + number
        )

    first = task(0)()  # the runtime has been used before the processes are forked
    told = []
    spread([task(number) for number in range(4)], jobs, told.append)
    assert told == [f"{count} of 4" for count in range(1, 5)]
    for number in range(4):
        found = kept.load(kept.path("task", str(number)))
        np.testing.assert_allclose(found, first + number)


def test_bias_correction_restores_the_channel_means():
    _, network = network_and_model("b2")
    patches = np.stack(reference_patches()[:6])
    ranges = calibrate(network, [patches])
    corrected = correct_biases(network, ranges, patches)

    def means(model, layer):
        runner = session(with_outputs(model, [layer], pooled=True), exact=True)
        return runner.run(None, {"image": patches})[0].mean(0)

    layer = "block2_project_conv"
    wanted = means(export_f32(network), "block2_project")
    before = np.abs(means(export_int8(network, ranges), layer) - wanted).mean()
    after = np.abs(means(export_int8(corrected, ranges), layer) - wanted).mean()
    assert after < 0.2 * before


def test_calibrated_ranges_clip_little():
    _, network = network_and_model("b2")
    patches = np.stack(reference_patches()[:6])
    for name, span in calibrate(network, [patches]).items():
        runner = session(with_outputs(export_f32(network), [name]))
        values = runner.run(None, {"image": patches})[0]
        outside = (values < span.low - span.scale) | (values > span.high + span.scale)
        assert outside.mean() < 0.01
        assert span.scale <= make_range(values.min(), values.max()).scale * 1.001


def test_cut_names_are_read_back():
    for name in ("b0", "b10", "b10x", "b15x"):
        assert Cut.parse(name).name == name
    for name in ("10", "b16", "bx", "c3"):
        with pytest.raises(ValueError, match="not a cut"):
            Cut.parse(name)
