"""The backbone in PyTorch and the same folded; skipped where PyTorch is absent."""

import numpy as np
import pytest
from models.train.data.synthetic import reference_patches
from models.train.network.architecture import WHOLE
from models.train.network.export import export_f32
from models.train.network.runtime import session

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.network.lite0 import Lite0  # noqa: E402 (needs PyTorch)
from models.train.release.verify import torch_logits  # noqa: E402

from ..networks import network_and_model  # noqa: E402


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
